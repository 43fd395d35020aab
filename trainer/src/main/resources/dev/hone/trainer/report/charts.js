'use strict';
// Tables and charts of a run. Text of a run is only ever set as text, never as markup.
const byId = id => document.getElementById(id);
const percent = value => (100 * value).toFixed(1) + '%';
const unique = values => [...new Set(values)];
const gib = bytes => (bytes / 2 ** 30).toFixed(2) + ' GiB';

function element(tag, text, className) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function table(id, head, rows) {
  const tableOf = (tag, cells) => {
    const row = element('tr');
    cells.forEach(cell => row.append(cell instanceof Node ? cell : element(tag, cell)));
    return row;
  };
  byId(id).replaceChildren(tableOf('th', head), ...rows.map(row => tableOf('td', row)));
}

// A section that has nothing to show is not shown. What one section cannot draw does not keep the others from it.
function section(id, data, draw) {
  byId(id).hidden = !data || data.length === 0;
  if (byId(id).hidden) return;
  try {
    draw(data);
  } catch (error) {
    console.error(id, error);
  }
}

// ---- charts --------------------------------------------------------------------------------------------------------

const color = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const palette = ['#4e79d4', '#e08a3c', '#3aa58a', '#c2577e', '#8a6fd1', '#8c8f3a', '#4aa5c9'];

const short = value => {
  if (typeof value !== 'number') return '';
  const size = Math.abs(value);
  return size !== 0 && (size < 1e-3 || size >= 1e7) ? value.toExponential(2) : String(Number(value.toPrecision(4)));
};

const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });
const label = value => Math.abs(value) >= 10000 ? compact.format(value) : Math.abs(value) < 1e-3 && value !== 0
  ? value.toExponential(0) : String(Number(value.toPrecision(6)));

function chart(id, title, option) {
  const place = byId(id);
  place.setAttribute('role', 'img');
  place.setAttribute('aria-label', title);
  const drawn = echarts.getInstanceByDom(place) || echarts.init(place, null, { renderer: 'svg' });
  const axis = { axisLine: { lineStyle: { color: color('--line') } }, axisLabel: { color: color('--muted'), hideOverlap: true },
    splitLine: { lineStyle: { color: color('--line') } }, nameTextStyle: { color: color('--muted') } };
  drawn.setOption({ animation: false, color: palette, textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
    grid: { left: 58, right: 16, top: 44, bottom: 36 },
    tooltip: { trigger: 'axis', confine: true, renderMode: 'richText', valueFormatter: short },
    legend: { top: 4, textStyle: { color: color('--muted') }, icon: 'roundRect', itemHeight: 8, type: 'scroll' },
    ...option, xAxis: { ...axis, ...option.xAxis }, yAxis: { ...axis, ...option.yAxis } }, true);
}

addEventListener('resize', () => document.querySelectorAll('.chart').forEach(place => {
  const drawn = echarts.getInstanceByDom(place);
  if (drawn) drawn.resize();
}));

const heading = text => ({ text, left: 0, top: 0, textStyle: { fontSize: 13, fontWeight: 550, color: color('--ink') } });

// A chart without a value says so instead of showing empty axes.
function lines(id, title, series, y = {}, x = {}) {
  const known = series.filter(one => one.data.some(point => typeof point[1] === 'number'));
  const several = known.length > 1;
  chart(id, title + (known.length ? '' : ', no values'), {
    title: known.length ? heading(title) : { ...heading(title), subtext: 'no values yet',
      subtextStyle: { color: color('--muted') } },
    grid: { left: 58, right: 16, top: several ? 58 : 40, bottom: 40 },
    legend: several ? { top: 22, left: 0, right: 8, type: 'scroll', textStyle: { color: color('--muted') }, icon: 'roundRect',
      itemHeight: 8, data: known.map(one => one.name) } : { show: false },
    xAxis: { type: 'value', name: 'optimizer step', nameLocation: 'middle', nameGap: 24, min: 'dataMin', max: 'dataMax',
      axisLabel: { color: color('--muted'), hideOverlap: true, showMaxLabel: false, formatter: label },
      show: known.length > 0, ...x },
    yAxis: { type: 'value', scale: true, show: known.length > 0, axisLabel: { color: color('--muted'), formatter: label },
      ...y },
    series: known.flatMap((one, i) => {
      const line = { type: 'line', showSymbol: one.data.length < 3, color: palette[i % palette.length],
        lineStyle: { width: 1.6 }, ...one };
      // Where a point stands for many, the lowest and the highest of them.
      const edges = (one.ranges || []).length === 0 ? [] : [0, 1].map(edge => ({ type: 'line', silent: true,
        showSymbol: false, tooltip: { show: false }, color: palette[i % palette.length],
        lineStyle: { width: 0.6, opacity: 0.5 }, data: one.ranges.map(range => [range[0], range[1][edge]]) }));
      delete line.ranges;
      return [line, ...edges];
    }) });
}

const curve = (name, list, key) => ({ name, data: list.map(event => [event.step, event[key] ?? null]),
  ranges: list.filter(event => event.range && event.range[key]).map(event => [event.step, event.range[key]]) });

// Mean of each value with its neighbours: what a noisy curve does.
function smooth(data, width) {
  return data.map((point, i) => {
    if (typeof point[1] !== 'number') return point;
    const near = data.slice(Math.max(0, i - width), i + width + 1).filter(other => typeof other[1] === 'number');
    return [point[0], near.reduce((sum, other) => sum + other[1], 0) / Math.max(1, near.length)];
  });
}

// What a step is made of, one part on the other.
function stacked(id, title, steps, parts, unit) {
  chart(id, title, { title: heading(title), grid: { left: 58, right: 16, top: 58, bottom: 40 },
    legend: { top: 22, left: 0, type: 'scroll', textStyle: { color: color('--muted') }, icon: 'roundRect', itemHeight: 8 },
    tooltip: { trigger: 'axis', confine: true, renderMode: 'richText', valueFormatter: value => short(value) + unit },
    xAxis: { type: 'category', name: 'optimizer step', nameLocation: 'middle', nameGap: 24, boundaryGap: false,
      data: steps.map(step => String(step.step)) },
    yAxis: { type: 'value' },
    series: parts.map(part => ({ name: part.name, type: 'line', stack: 'parts', showSymbol: steps.length < 3,
      lineStyle: { width: 0 }, areaStyle: { opacity: 0.75 }, data: steps.map(part.value) })) });
}

// Points with their intervals as whiskers.
function intervals(id, title, groups, categories) {
  const series = [];
  groups.forEach((group, g) => {
    const shift = (g - (groups.length - 1) / 2) * 0.12;
    const points = group.scores.map(score => [categories.indexOf(score.name) + shift, 100 * score.accuracy]);
    series.push({ name: group.name, type: 'line', data: points, symbol: 'circle', symbolSize: 8, color: palette[g % palette.length],
      lineStyle: { width: 1.2, type: 'dotted' } });
    group.scores.forEach((score, i) => series.push({ type: 'line', silent: true, showSymbol: false, tooltip: { show: false },
      color: palette[g % palette.length], lineStyle: { width: 2 },
      data: [[points[i][0], 100 * score.low], [points[i][0], 100 * score.high]] }));
  });
  const lowest = Math.min(...groups.flatMap(group => group.scores.map(score => 100 * score.low)));
  chart(id, title, {
    grid: { left: 58, right: 16, top: 44, bottom: 48 },
    legend: { top: 4, data: groups.map(group => group.name), textStyle: { color: color('--muted') }, icon: 'roundRect',
      itemHeight: 8 },
    tooltip: { trigger: 'item', confine: true, renderMode: 'richText',
      formatter: point => point.seriesName + ': ' + point.value[1].toFixed(1) + '%' },
    xAxis: { type: 'value', min: -0.5, max: categories.length - 0.5, interval: 0.5, splitLine: { show: false },
      axisTick: { show: false }, axisLabel: { color: color('--muted'), rotate: categories.length > 8 ? 30 : 0,
        formatter: value => Number.isInteger(value) ? categories[value] ?? '' : '' } },
    yAxis: { type: 'value', axisLabel: { formatter: '{value}%', color: color('--muted') }, scale: lowest > 20 },
    series });
}
