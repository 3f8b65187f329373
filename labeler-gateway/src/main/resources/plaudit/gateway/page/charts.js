// One small chart: raw values pale, their moving average in front, an optional second series.
/* global uPlot */

const MOST_POINTS = 2000;
const SMOOTH_FROM = 40;

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Numbers as people read them: four digits at most, thousands grouped. */
export function format(value, digits = 3) {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size >= 10000) return Math.round(value).toLocaleString('en');
  if (size >= 100 || Number.isInteger(value)) return String(Math.round(value * 10) / 10);
  if (size !== 0 && size < 0.001) return value.toExponential(1);
  return String(Number(value.toPrecision(digits)));
}

/** Exponential moving average that steps over gaps. */
function smooth(values) {
  const weight = 2 / (Math.min(60, Math.max(8, values.length / 25)) + 1);
  let mean = null;
  return values.map((value) => {
    if (value === null) return null;
    mean = mean === null ? value : mean + weight * (value - mean);
    return mean;
  });
}

/** A range that shows one point as well as a thousand. */
function range(self, low, high) {
  if (low === null || high === null) return [0, 1];
  if (low === high) {
    const pad = low === 0 ? 1 : Math.abs(low) * 0.2;
    return [low - pad, high + pad];
  }
  const pad = (high - low) * 0.08;
  return [low >= 0 && low - pad < 0 ? 0 : low - pad, high + pad];
}

/** From the first update to the last; one point stands in the middle. */
function span(self) {
  const xs = self.data[0];
  if (xs.length === 0) return [0, 10];
  const [first, last] = [xs[0], xs[xs.length - 1]];
  return first === last ? [first - 1, last + 1] : [first, last];
}

export class Chart {
  /** @param spec {title, unit, key, second?: {key, label}, smooth?: boolean} */
  constructor(parent, spec) {
    this.spec = spec;
    this.data = [[], [], [], []];
    const figure = document.createElement('figure');
    figure.className = 'chart';
    const caption = document.createElement('figcaption');
    const title = document.createElement('h3');
    title.textContent = spec.title;
    const unit = document.createElement('span');
    unit.className = 'unit';
    unit.textContent = spec.unit;
    this.value = document.createElement('span');
    this.value.className = 'value';
    caption.append(title, unit, this.value);
    this.plot = document.createElement('div');
    this.plot.className = 'plot';
    this.plot.dataset.empty = 'true';
    this.plot.setAttribute('role', 'img');
    figure.append(caption, this.plot);
    parent.append(figure);
    this.build();
    new ResizeObserver(() => this.fit()).observe(this.plot);
  }

  build() {
    if (this.uplot) this.uplot.destroy();
    const axis = {
      stroke: colour('--muted'),
      font: '11px system-ui, sans-serif',
      grid: { stroke: colour('--grid'), width: 1 },
      ticks: { show: false },
    };
    const few = this.data[0].length < SMOOTH_FROM;
    const points = { show: this.data[0].length <= 20, size: 6, fill: colour('--accent'), stroke: colour('--accent') };
    const line = { width: 2, spanGaps: true };
    this.few = few;
    this.dots = points.show;
    this.uplot = new uPlot(
      {
        width: Math.max(120, this.plot.clientWidth),
        height: 170,
        legend: { show: false },
        padding: [8, 14, 0, 0],
        cursor: { sync: { key: 'run' }, y: false, points: { size: 7 }, drag: { x: false, y: false } },
        scales: { x: { time: false, range: span }, y: { range } },
        axes: [
          { ...axis, size: 26, space: 70, grid: { show: false }, values: (u, ticks) => ticks.map((t) => (Number.isInteger(t) && t >= 0 ? format(t) : '')) },
          { ...axis, size: 46, space: 34, values: (u, ticks) => ticks.map((t) => format(t)) },
        ],
        series: [
          {},
          { ...line, width: few || !this.spec.smooth ? 2 : 1, stroke: few || !this.spec.smooth ? colour('--accent') : colour('--accent') + '55', points },
          { ...line, show: !few && Boolean(this.spec.smooth), stroke: colour('--accent'), points: { show: false } },
          { ...line, width: 1.5, show: Boolean(this.spec.second), stroke: colour('--second'), dash: [5, 4], points: { show: false } },
        ],
        hooks: { setCursor: [(u) => this.read(u.cursor.idx)] },
      },
      this.data,
      this.plot,
    );
  }

  fit() {
    this.uplot.setSize({ width: Math.max(120, this.plot.clientWidth), height: 170 });
  }

  /** Shows the rows, each an object of the metrics file. */
  show(rows) {
    const stride = Math.max(1, Math.ceil(rows.length / MOST_POINTS));
    const kept = rows.filter((row, i) => (i % stride === 0 || i === rows.length - 1) && Number.isFinite(row[this.spec.key]));
    const xs = kept.map((row) => row.update);
    const ys = kept.map((row) => row[this.spec.key]);
    const second = kept.map((row) => (this.spec.second && Number.isFinite(row[this.spec.second.key]) ? row[this.spec.second.key] : null));
    this.data = [xs, ys, smooth(ys), second];
    this.plot.dataset.empty = String(xs.length === 0);
    if (xs.length < SMOOTH_FROM !== this.few || xs.length <= 20 !== this.dots) this.build();
    else this.uplot.setData(this.data);
    this.plot.setAttribute('aria-label', `${this.spec.title}: ${xs.length} points, newest ${format(ys[ys.length - 1])}`);
    this.read(null);
  }

  /** Writes the value under the cursor, or the newest, beside the title. */
  read(index) {
    const last = this.data[0].length - 1;
    const i = index === null || index === undefined ? last : index;
    this.value.textContent = last < 0 ? '' : format(this.data[1][i]);
    if (last >= 0 && this.spec.second && this.data[3][i] !== null) {
      const other = document.createElement('span');
      other.textContent = `${this.spec.second.label} ${format(this.data[3][i])}`;
      this.value.append(other);
    }
  }
}
