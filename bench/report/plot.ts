import type { Growth } from '../rows/lists.js';

const WIDTH = 640;
const HEIGHT = 360;
const MARGIN = { left: 70, right: 170, top: 20, bottom: 50 };

/** Colours that can be told apart by whoever sees few of them, on light and on dark. */
const LINES: readonly { readonly key: keyof Growth; readonly label: string; readonly colour: string }[] = [
  { key: 'fromStart', label: 'process start → list', colour: '#b5651d' },
  { key: 'overHttp', label: 'warm, through /mcp', colour: '#3b82c4' },
  { key: 'inProcess', label: 'warm, in process', colour: '#5a9e3d' },
];

/** What lists and starts cost by the number of servers, as an SVG; both axes grow by powers of ten. */
export function growthPlot(growth: readonly Growth[]): string {
  const values = growth.flatMap((one) => LINES.map(({ key }) => one[key]));
  const [low, high] = [
    Math.floor(Math.log10(Math.min(...values))),
    Math.ceil(Math.log10(Math.max(...values))),
  ];
  const most = Math.log10(Math.max(...growth.map(({ servers }) => servers), 10));
  const x = (servers: number): number =>
    MARGIN.left + (Math.log10(servers) / most) * (WIDTH - MARGIN.left - MARGIN.right);
  const y = (value: number): number =>
    HEIGHT -
    MARGIN.bottom -
    ((Math.log10(value) - low) / (high - low)) * (HEIGHT - MARGIN.top - MARGIN.bottom);

  const grid = Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index)).map(
    (value) =>
      `<line x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${round(y(value))}" y2="${round(y(value))}" stroke="#8888" stroke-width="0.5"/>` +
      `<text x="${MARGIN.left - 8}" y="${round(y(value) + 4)}" text-anchor="end">${value >= 1 ? value : value.toPrecision(1)} ms</text>`,
  );
  const ticks = growth.map(
    ({ servers }) =>
      `<text x="${round(x(servers))}" y="${HEIGHT - MARGIN.bottom + 20}" text-anchor="middle">${servers}</text>`,
  );
  const lines = LINES.map(({ key, label, colour }) => {
    const points = growth.map((one) => `${round(x(one.servers))},${round(y(one[key]))}`).join(' ');
    const last = growth.at(-1) as Growth;
    return (
      `<polyline points="${points}" fill="none" stroke="${colour}" stroke-width="2"/>` +
      `<text x="${round(x(last.servers) + 8)}" y="${round(y(last[key]) + 4)}" fill="${colour}">${label}</text>`
    );
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12" fill="#888" role="img">`,
    '<title>Milliseconds by number of servers</title>',
    ...grid,
    ...ticks,
    `<text x="${(MARGIN.left + WIDTH - MARGIN.right) / 2}" y="${HEIGHT - 10}" text-anchor="middle">servers with 20 tools each</text>`,
    ...lines,
    '</svg>',
    '',
  ].join('\n');
}

const round = (value: number): string => value.toFixed(1);
