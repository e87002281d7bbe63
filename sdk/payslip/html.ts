// Owns: a payslip as one HTML page: no script, nothing fetched, readable by screen readers, tidy on paper. Not here: what it says
// (document.ts).
import type { PayslipDocument, PayslipTable } from './document.ts'

const STYLE = `
:root { color-scheme: light; }
body { font: 16px/1.5 "Noto Sans KR", "Apple SD Gothic Neo", "Malgun Gothic", sans-serif; color: #111; background: #fff;
  max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; border-bottom: 3px solid #111; padding-bottom: .4rem; }
h2 { font-size: 1.15rem; margin: 2rem 0 .4rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.2rem; margin: 1rem 0; }
dt { font-weight: 600; } dd { margin: 0; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
caption { text-align: left; font-weight: 600; font-size: 1.05rem; padding: 1.4rem 0 .4rem; }
th, td { border: 1px solid #767676; padding: .3rem .5rem; text-align: left; vertical-align: top; }
th { background: #f0f0f0; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
tfoot td, tfoot th { font-weight: 700; border-top: 2px solid #111; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid #767676; padding: 1rem; font: inherit; }
.hash { overflow-wrap: anywhere; font-family: ui-monospace, monospace; font-size: .85rem; }
@media print {
  body { margin: 0; max-width: none; font-size: 10pt; }
  table, caption { font-size: 8.5pt; } .scroll { overflow: visible; }
  tr, dl { break-inside: avoid; } thead { display: table-header-group; } caption { break-after: avoid; }
  @page { size: A4; margin: 15mm; }
}`

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
}

function row(cells: readonly string[], { columns }: PayslipTable, isTotal: boolean): string {
  const parts = cells.map((cell, at) => {
    const kind = columns[at]?.isNumber === true ? ' class="number"' : ''
    return at === 0 ? `<th scope="row"${kind}>${escapeHtml(cell)}</th>` : `<td${kind}>${escapeHtml(cell)}</td>`
  })
  return isTotal ? `<tfoot><tr>${parts.join('')}</tr></tfoot>` : `<tr>${parts.join('')}</tr>`
}

function tableHtml(table: PayslipTable): string {
  const head = table.columns.map(
    ({ title, isNumber }) => `<th scope="col"${isNumber ? ' class="number"' : ''}>${escapeHtml(title)}</th>`,
  )
  return [
    // The region can be reached by keyboard, since it may scroll on a small screen.
    `<div class="scroll" role="region" tabindex="0" aria-label="${escapeHtml(table.caption)}"><table>`,
    `<caption>${escapeHtml(table.caption)}</caption>`,
    `<thead><tr>${head.join('')}</tr></thead>`,
    `<tbody>${table.rows.map((cells) => row(cells, table, false)).join('\n')}</tbody>`,
    table.total === null ? '' : row(table.total, table, true),
    '</table></div>',
  ].join('\n')
}

/** The page. */
export function payslipHtml(document: PayslipDocument): string {
  const { lang, title, facts, tables, notes, contract } = document
  return [
    `<!doctype html>\n<html lang="${lang}">\n<head>\n<meta charset="utf-8">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    `<title>${escapeHtml(title)}</title>\n<style>${STYLE}\n</style>\n</head>\n<body>\n<main>\n<h1>${escapeHtml(title)}</h1>`,
    `<dl>\n${facts.map(([label, value]) => `<dt>${escapeHtml(label)}</dt><dd>${escapeHtml(value)}</dd>`).join('\n')}\n</dl>`,
    ...tables.map(tableHtml),
    notes.length === 0 ? '' : `<ul>\n${notes.map((note) => `<li>${escapeHtml(note)}</li>`).join('\n')}\n</ul>`,
    contract === null
      ? ''
      : `<section aria-labelledby="contract"><h2 id="contract">${escapeHtml(contract.caption)}</h2>\n` +
        `<pre>${escapeHtml(contract.text)}</pre>\n<p class="hash">${escapeHtml(contract.hashLine)}</p></section>`,
    '</main>\n</body>\n</html>\n',
  ]
    .filter((part) => part !== '')
    .join('\n')
}
