// Owns: a payslip as a tagged PDF with its Korean font inside: pages, tables that go on over pages. Not here: what it says
// (sdk/payslip/document.ts).
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import PDFDocument from 'pdfkit'
import type { PayslipDocument, PayslipTable } from '../../sdk/payslip/document.ts'
import { unpackWoff } from './woff.ts'

const FONTS = {
  regular: '@fontsource/nanum-gothic/files/nanum-gothic-korean-400-normal.woff',
  bold: '@fontsource/nanum-gothic/files/nanum-gothic-korean-700-normal.woff',
} as const

const MARGIN = 42
const [TITLE, BODY, SMALL] = [17, 9.5, 7.5]
const [PAD, LINE] = [3, '#767676']
const COLUMN_MIN = 30

type Pdf = InstanceType<typeof PDFDocument>
type Struct = ReturnType<Pdf['struct']>
type Page = { readonly pdf: Pdf; readonly root: Struct; readonly width: number; readonly bottom: number }

function readFont(name: keyof typeof FONTS): Buffer {
  return unpackWoff(readFileSync(fileURLToPath(import.meta.resolve(FONTS[name]))))
}

/** Puts a part under its tag: screen readers and copying follow the tags. */
function tag(page: Page, kind: string, draw: () => void): void {
  page.root.add(page.pdf.struct(kind, {}, draw))
}

function room(page: Page, height: number): void {
  if (page.pdf.y + height > page.bottom) page.pdf.addPage()
}

/** Columns as wide as their longest cell where all fit; where they do not, those of words give way to those of numbers. */
function columnWidths({ pdf, width }: Page, { columns, rows, total }: PayslipTable): number[] {
  const widest = (font: keyof typeof FONTS, of: readonly (readonly string[])[], at: number): number => {
    pdf.font(font).fontSize(SMALL)
    return Math.max(0, ...of.map((cells) => pdf.widthOfString(cells[at] ?? '') + 2 * PAD + 1))
  }
  const head = [columns.map(({ title }) => title), ...(total === null ? [] : [total])]
  const wanted = columns.map((_, at) => Math.max(COLUMN_MIN, widest('regular', rows, at), widest('bold', head, at)))
  const sum = (numbers: boolean): number =>
    wanted.reduce((all, each, at) => ((columns[at]?.isNumber === true) === numbers ? all + each : all), 0)
  const share = Math.min(1, (width - sum(true)) / Math.max(1, sum(false)))
  return wanted.map((each, at) => (columns[at]?.isNumber === true ? each : each * share))
}

type Row = { readonly cells: readonly string[]; readonly tag: 'TH' | 'TD'; readonly font: keyof typeof FONTS }

function drawRow(page: Page, table: Struct, row: Row, { columns }: PayslipTable, widths: readonly number[]): void {
  const { pdf } = page
  pdf.font(row.font).fontSize(SMALL)
  const heights = row.cells.map((cell, at) =>
    pdf.heightOfString(cell === '' ? ' ' : cell, { width: (widths[at] ?? 0) - 2 * PAD }),
  )
  const height = Math.max(...heights) + 2 * PAD
  const line = pdf.struct('TR')
  table.add(line)
  const top = pdf.y
  let x = MARGIN
  for (const [at, cell] of row.cells.entries()) {
    const [left, width] = [x, widths[at] ?? 0]
    const kind = at === 0 ? 'TH' : row.tag
    line.add(
      pdf.struct(kind, {}, () => {
        const align = columns[at]?.isNumber === true ? 'right' : 'left'
        pdf.text(cell, left + PAD, top + PAD, { width: width - 2 * PAD, align })
      }),
    )
    pdf.markContent('Artifact', { type: 'Layout' })
    pdf.rect(left, top, width, height).lineWidth(0.5).stroke(LINE)
    pdf.endMarkedContent()
    x += width
  }
  line.end()
  pdf.x = MARGIN
  pdf.y = top + height
}

function drawTable(page: Page, table: PayslipTable): void {
  const { pdf } = page
  room(page, 70)
  pdf.y += 12
  tag(page, 'H2', () => {
    pdf
      .font('bold')
      .fontSize(BODY + 1.5)
      .text(table.caption, MARGIN, pdf.y, { width: page.width })
  })
  pdf.y += 3
  const widths = columnWidths(page, table)
  const struct = pdf.struct('Table')
  page.root.add(struct)
  const head: Row = { cells: table.columns.map(({ title }) => title), tag: 'TH', font: 'bold' }
  drawRow(page, struct, head, table, widths)
  const body: Row[] = table.rows.map((cells) => ({ cells, tag: 'TD', font: 'regular' }))
  for (const row of [...body, ...(table.total === null ? [] : [{ cells: table.total, tag: 'TD', font: 'bold' } as const])]) {
    pdf.font(row.font).fontSize(SMALL)
    const need =
      Math.max(...row.cells.map((cell, at) => pdf.heightOfString(cell, { width: (widths[at] ?? 0) - 2 * PAD }))) + 2 * PAD
    if (pdf.y + need > page.bottom) {
      pdf.addPage()
      drawRow(page, struct, head, table, widths)
    }
    drawRow(page, struct, row, table, widths)
  }
  struct.end()
}

function drawFacts(page: Page, facts: PayslipDocument['facts']): void {
  const { pdf, width } = page
  for (const [label, value] of facts) {
    room(page, 16)
    const top = pdf.y
    tag(page, 'P', () => {
      pdf.font('bold').fontSize(BODY).text(label, MARGIN, top, { width: 110 })
      pdf.font('regular').text(value, MARGIN + 116, top, { width: width - 116 })
    })
    pdf.x = MARGIN
    pdf.y += 1.5
  }
}

function drawText(page: Page, kind: 'P' | 'H2', text: string, font: keyof typeof FONTS = 'regular'): void {
  const { pdf, width } = page
  room(page, 16)
  tag(page, kind, () => {
    pdf
      .font(font)
      .fontSize(BODY)
      .text(text === '' ? ' ' : text, MARGIN, pdf.y, { width })
  })
}

function draw(page: Page, { title, facts, tables, notes, contract }: PayslipDocument): void {
  const { pdf, width } = page
  tag(page, 'H1', () => {
    pdf.font('bold').fontSize(TITLE).text(title, MARGIN, pdf.y, { width })
  })
  pdf.y += 8
  drawFacts(page, facts)
  for (const table of tables) drawTable(page, table)
  pdf.y += 8
  for (const note of notes) drawText(page, 'P', `· ${note}`)
  if (contract === null) return
  pdf.addPage()
  drawText(page, 'H2', contract.caption, 'bold')
  pdf.y += 4
  for (const line of contract.text.split('\n')) drawText(page, 'P', line)
  pdf.y += 6
  drawText(page, 'P', contract.hashLine)
}

/** The PDF. The same document gives the same bytes. */
export async function payslipPdf(document: PayslipDocument): Promise<Uint8Array> {
  const pdf = new PDFDocument({
    ...{ size: 'A4', margin: MARGIN, tagged: true, pdfVersion: '1.7', lang: document.lang === 'ko' ? 'ko-KR' : 'en' },
    // No font but our own: the standard ones have no Korean.
    ...{
      font: '',
      displayTitle: true,
      info: { Title: document.title, Producer: 'naru', Creator: 'naru', CreationDate: new Date(0) },
    },
  })
  const chunks: Uint8Array[] = []
  const done = new Promise<void>((resolve, reject) => {
    pdf.on('data', (chunk: Uint8Array) => chunks.push(chunk))
    pdf.on('end', resolve)
    pdf.on('error', reject)
  })
  pdf.registerFont('regular', readFont('regular')).registerFont('bold', readFont('bold'))
  const root = pdf.struct('Document')
  pdf.addStructure(root)
  draw({ pdf, root, width: pdf.page.width - 2 * MARGIN, bottom: pdf.page.height - MARGIN }, document)
  root.end()
  pdf.end()
  await done
  return Buffer.concat(chunks)
}
