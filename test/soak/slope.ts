// Owns: straight lines through measured points, and pictures of them. Not here: what is measured.

/** One measured point; x in hours. */
export type Point = { readonly x: number; readonly y: number }

/** Least squares: y = at + slope * x; zeros below two points. */
export function fitLine(points: readonly Point[]): { readonly slope: number; readonly at: number } {
  const n = points.length
  const meanX = points.reduce((sum, { x }) => sum + x, 0) / n
  const meanY = points.reduce((sum, { y }) => sum + y, 0) / n
  const spread = points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0)
  if (n < 2 || spread === 0) return { slope: 0, at: n === 0 ? 0 : meanY }
  const slope = points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0) / spread
  return { slope, at: meanY - slope * meanX }
}

/** One picture: a title with its unit, and a series of points per node. */
export type Panel = { readonly title: string; readonly series: ReadonlyMap<string, readonly Point[]> }

const [WIDTH, HEIGHT, LEFT, TOP, BOTTOM] = [760, 190, 70, 26, 24]
const COLOURS = ['#1b6ca8', '#c8553d', '#2e8b57', '#8e5ea2']

/** The panels one below the other as an SVG document; each axis begins at zero. */
export function drawPanels(panels: readonly Panel[]): string {
  const parts = panels.map((panel, index) => `<g transform="translate(0 ${index * HEIGHT})">${drawPanel(panel)}</g>`)
  const box = `viewBox="0 0 ${WIDTH} ${panels.length * HEIGHT}"`
  const style = '<style>text{font:12px sans-serif;fill:#333}</style><rect width="100%" height="100%" fill="#fff"/>'
  return `<svg xmlns="http://www.w3.org/2000/svg" ${box}>${style}\n${parts.join('\n')}\n</svg>\n`
}

function drawPanel({ title, series }: Panel): string {
  const all = [...series.values()].flat()
  const [xMax, yMax] = [Math.max(1e-9, ...all.map(({ x }) => x)), Math.max(1e-9, ...all.map(({ y }) => y)) * 1.05]
  const place = ({ x, y }: Point): string => {
    const across = LEFT + (x / xMax) * (WIDTH - LEFT - 16)
    const down = HEIGHT - BOTTOM - (y / yMax) * (HEIGHT - TOP - BOTTOM)
    return `${across.toFixed(1)},${down.toFixed(1)}`
  }
  const lines = [...series].map(([name, points], index) => {
    const colour = COLOURS[index % COLOURS.length]
    const label = `<text x="${LEFT + 420 + index * 50}" y="16" style="fill:${colour}">${name}</text>`
    return `${label}<polyline fill="none" stroke="${colour}" stroke-width="1.5" points="${points.map(place).join(' ')}"/>`
  })
  const axis = `<path d="M${LEFT} ${TOP} V${HEIGHT - BOTTOM} H${WIDTH - 16}" fill="none" stroke="#999"/>`
  const marks = [
    `<text x="${LEFT}" y="16">${title}</text>`,
    `<text x="${LEFT - 6}" y="${TOP + 10}" text-anchor="end">${yMax.toPrecision(3)}</text>`,
    `<text x="${LEFT - 6}" y="${HEIGHT - BOTTOM}" text-anchor="end">0</text>`,
    `<text x="${WIDTH - 16}" y="${HEIGHT - 8}" text-anchor="end">${(xMax * 60).toFixed(1)} min</text>`,
  ]
  return [axis, ...marks, ...lines].join('\n')
}
