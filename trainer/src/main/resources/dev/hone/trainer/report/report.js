'use strict';
// Draws the run described by the JSON of #run. Text of the run is only ever set as text, never as markup.
const run = JSON.parse(document.getElementById('run').textContent);
const summary = run.summary || {};
const events = name => run.events.filter(event => event.event === name);
const byId = id => document.getElementById(id);
const percent = value => (100 * value).toFixed(1) + '%';
const unique = values => [...new Set(values)];

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
  byId(id).append(tableOf('th', head), ...rows.map(row => tableOf('td', row)));
}

// A section that has nothing to show is not shown.
function section(id, data, draw) {
  if (!data || data.length === 0) byId(id).hidden = true;
  else draw(data);
}

// ---- charts --------------------------------------------------------------------------------------------------------

const style = getComputedStyle(document.documentElement);
const color = name => style.getPropertyValue(name).trim();
const palette = ['#4e79d4', '#e08a3c', '#3aa58a', '#c2577e', '#8a6fd1', '#8c8f3a', '#4aa5c9'];

function chart(id, option) {
  const drawn = echarts.init(byId(id), null, { renderer: 'svg' });
  const axis = { axisLine: { lineStyle: { color: color('--line') } }, axisLabel: { color: color('--muted') },
    splitLine: { lineStyle: { color: color('--line') } }, nameTextStyle: { color: color('--muted') } };
  drawn.setOption({ animation: false, color: palette, textStyle: { fontFamily: 'inherit' },
    grid: { left: 52, right: 16, top: 44, bottom: 36 },
    tooltip: { trigger: 'axis', confine: true, renderMode: 'richText' },
    legend: { top: 4, textStyle: { color: color('--muted') }, icon: 'roundRect', itemHeight: 8, type: 'scroll' },
    ...option, xAxis: { ...axis, ...option.xAxis }, yAxis: { ...axis, ...option.yAxis } });
  addEventListener('resize', () => drawn.resize());
}

function lines(id, title, series, y = {}) {
  chart(id, {
    title: { text: title, left: 0, top: 4, textStyle: { fontSize: 13, fontWeight: 550, color: color('--ink') } },
    legend: series.length > 1 ? { top: 4, right: 16, textStyle: { color: color('--muted') }, icon: 'roundRect', itemHeight: 8 }
      : { show: false },
    xAxis: { type: 'value', name: 'step', nameLocation: 'middle', nameGap: 22, min: 'dataMin', max: 'dataMax' },
    yAxis: { type: 'value', scale: true, ...y },
    series: series.map(one => ({ type: 'line', showSymbol: one.data.length < 3, lineStyle: { width: 1.6 }, ...one })) });
}

const curve = (name, list, key) => ({ name, data: list.map(event => [event.step, event[key]]) });

// Mean of each value with its neighbours: what a noisy curve does.
function smooth(data, width) {
  return data.map((point, i) => {
    const near = data.slice(Math.max(0, i - width), i + width + 1).filter(other => other[1] !== null);
    return [point[0], near.reduce((sum, other) => sum + other[1], 0) / Math.max(1, near.length)];
  });
}

// Points with their intervals as whiskers.
function intervals(id, groups, categories) {
  const series = [];
  groups.forEach((group, g) => {
    const shift = (g - (groups.length - 1) / 2) * 0.12;
    const points = group.scores.map(score => [categories.indexOf(score.name) + shift, 100 * score.accuracy]);
    series.push({ name: group.name, type: 'line', data: points, symbolSize: 8, color: palette[g % palette.length],
      lineStyle: { width: 1.2, type: 'dotted' } });
    group.scores.forEach((score, i) => series.push({ type: 'line', silent: true, showSymbol: false, tooltip: { show: false },
      color: palette[g % palette.length], lineStyle: { width: 2 },
      data: [[points[i][0], 100 * score.low], [points[i][0], 100 * score.high]] }));
  });
  chart(id, {
    legend: { top: 4, data: groups.map(group => group.name), textStyle: { color: color('--muted') }, icon: 'roundRect',
      itemHeight: 8 },
    tooltip: { trigger: 'item', confine: true, renderMode: 'richText',
      formatter: point => point.seriesName + ': ' + point.value[1].toFixed(1) + '%' },
    xAxis: { type: 'value', min: -0.5, max: categories.length - 0.5, interval: 1, splitLine: { show: false },
      axisTick: { show: false }, axisLabel: { show: false } },
    yAxis: { type: 'value', axisLabel: { formatter: '{value}%', color: color('--muted') }, scale: true },
    series: series.concat({ type: 'scatter', silent: true, symbolSize: 0, tooltip: { show: false },
      data: categories.map((name, i) => ({ value: [i, null], name })),
      markPoint: { symbolSize: 0, silent: true, data: categories.map((name, i) => ({ xAxis: i, y: '94%', name,
        label: { formatter: name, color: color('--muted'), fontSize: 12, position: 'inside' }, symbol: 'rect',
        symbolSize: 1 })) } }) });
}

// ---- sections ------------------------------------------------------------------------------------------------------

byId('title').textContent = run.name;
document.title = 'hone: ' + run.name;
byId('facts').textContent = [
  summary.device || (events('run_started')[0] || {}).device,
  summary.seconds !== undefined && Math.round(summary.seconds) + ' s',
  summary.peak_rss_bytes && (summary.peak_rss_bytes / 2 ** 30).toFixed(2) + ' GiB of memory at most',
  (run.events[0] || {}).time && run.events[0].time.slice(0, 16).replace('T', ' ') + ' UTC',
  events('run_ended').length === 0 && 'unfinished',
].filter(Boolean).join(' · ');

const scored = summary.phases || run.evals.filter(score => !score.name.startsWith('validation'));
section('accuracy', scored, scores => {
  const domains = unique(scores.map(score => score.domain));
  const names = unique(scores.map(score => score.name));
  table('scores', ['after', ...domains], names.map(name => [name, ...domains.map(domain => {
    const score = scores.find(one => one.name === name && one.domain === domain);
    const cell = element('td', score ? percent(score.accuracy) : '');
    if (score) cell.append(element('small', percent(score.low) + ' to ' + percent(score.high)));
    return cell;
  })]));
  intervals('accuracy-chart', domains.map(name => ({ name, scores: scores.filter(score => score.domain === name) })), names);
  (summary.gains || []).forEach(gain => {
    const line = element('li', gain.from + ' to ' + gain.to + ', ' + gain.domain + ': ');
    const way = gain.p_value >= 0.05 ? '' : gain.difference > 0 ? 'good' : 'bad';
    line.append(element('span', (gain.difference > 0 ? '+' : '') + (100 * gain.difference).toFixed(1) + ' points', way));
    line.append(element('span', gain.outside_intervals ? ', outside the intervals' : '', 'muted'));
    byId('gains').append(line);
  });
});

section('timeline', run.events.filter(event => event.event === 'phase_started' && event.time), started => {
  const zero = Date.parse(run.events[0].time);
  const seconds = time => (Date.parse(time) - zero) / 1000;
  const end = seconds(run.events[run.events.length - 1].time);
  const spans = started.map((event, i) => ({ name: event.phase, from: seconds(event.time),
    to: i + 1 < started.length ? seconds(started[i + 1].time) : end }));
  chart('timeline-chart', { legend: { show: false }, grid: { left: 110, right: 24, top: 10, bottom: 36 },
    tooltip: { trigger: 'item', confine: true, renderMode: 'richText',
      formatter: bar => bar.name + ': ' + (spans[bar.dataIndex].to - spans[bar.dataIndex].from).toFixed(0) + ' s' },
    xAxis: { type: 'value', name: 'seconds', nameLocation: 'middle', nameGap: 22, max: Math.ceil(end) },
    yAxis: { type: 'category', inverse: true, data: spans.map(span => span.name), axisTick: { show: false } },
    series: [
      { type: 'bar', stack: 'time', silent: true, itemStyle: { color: 'transparent' }, data: spans.map(span => span.from) },
      { type: 'bar', stack: 'time', barWidth: '60%', itemStyle: { borderRadius: 4 },
        data: spans.map((span, i) => ({ value: span.to - span.from, itemStyle: { color: palette[i % palette.length] } })) },
    ] });
});

section('curation', events('curated'), curated => {
  const reasons = unique(curated.flatMap(event => Object.keys(event.dropped)));
  const colors = { kept: '#3aa58a' };
  chart('curation-chart', { grid: { left: 80, right: 24, top: 40, bottom: 30 },
    tooltip: { trigger: 'item', confine: true, renderMode: 'richText' },
    xAxis: { type: 'value', name: 'pairs', nameLocation: 'middle', nameGap: 22 },
    yAxis: { type: 'category', inverse: true, data: curated.map(event => event.domain), axisTick: { show: false } },
    series: ['kept', ...reasons].map(reason => ({ name: reason, type: 'bar', stack: 'pairs', barWidth: '55%',
      color: colors[reason], data: curated.map(event => reason === 'kept' ? event.kept : event.dropped[reason] || 0) })) });
});

section('frozen', summary.frozen || events('frozen'), frozen => table('datasets', ['domain', 'pairs', 'sha256'],
  frozen.map(dataset => {
    const hash = element('td');
    hash.append(element('code', dataset.hash));
    return [dataset.domain, String(dataset.pairs), hash];
  })));

section('loss', events('train'), steps => {
  const phases = unique(steps.map(step => step.phase));
  const held = events('eval_loss');
  const series = phases.map(phase => {
    const one = curve(phase, steps.filter(step => step.phase === phase), 'loss');
    return { ...one, data: smooth(one.data, 2) };
  });
  if (held.length) series.push({ ...curve('held-out', held, 'loss'), showSymbol: true });
  lines('loss-chart', 'loss (nats a token)', series);
  lines('rate-chart', 'learning rate', phases.map(phase =>
    curve(phase, steps.filter(step => step.phase === phase), 'learning_rate')), { scale: false,
    axisLabel: { formatter: value => value ? value.toExponential(0) : '0', color: color('--muted') } });
});

section('rounds', run.evals.filter(score => score.name.startsWith('validation')), scores => {
  const named = scores.map(score => ({ ...score, round: Number(score.name.split('-').pop()) }))
    .sort((a, b) => a.round - b.round).map(score => ({ ...score, name: 'round ' + score.round }));
  intervals('rounds-chart', unique(named.map(score => score.domain))
    .map(name => ({ name, scores: named.filter(score => score.domain === name) })),
    unique(named.map(score => score.name)));
});

section('dpo', events('dpo'), steps => {
  lines('dpo-loss-chart', 'loss and share of preferences the right way round',
    [curve('loss', steps, 'loss'), curve('right', steps, 'accuracy')]);
  lines('dpo-reward-chart', 'implied rewards', [curve('chosen', steps, 'chosen_reward'),
    curve('rejected', steps, 'rejected_reward')]);
});

section('rl', events('rl'), steps => {
  const smoothed = (name, value) => ({ name, data: smooth(steps.map(step => [step.step, value(step) ?? null]), 2) });
  const named = key => unique(steps.flatMap(step => Object.keys(step[key] || {})));
  lines('reward-chart', 'reward and accuracy of rollouts', [smoothed('reward', step => step.reward),
    smoothed('accuracy', step => step.accuracy), ...(named('domains').length > 1 ? named('domains') : [])
      .map(domain => smoothed('reward, ' + domain, step => (step.domains || {})[domain]))]);
  lines('parts-chart', 'reward by part', named('rewards')
    .map(part => smoothed(part, step => (step.rewards || {})[part])));
  lines('length-chart', 'completion length (tokens)', [smoothed('length', step => step.completion_length)]);
  lines('shares-chart', 'shares', [smoothed('completions at the limit', step => step.clipped_share),
    smoothed('clipped ratios', step => step.clip_fraction),
    smoothed('groups without a signal', step => step.degenerate_groups / (step.groups || 1))]);
  lines('entropy-chart', 'entropy (nats a token) and KL', [smoothed('entropy', step => step.entropy),
    smoothed('kl', step => step.kl)]);
  lines('rollout-chart', 'rewards within a group: standard deviation', [smoothed('std', step => step.reward_std)]);
  lines('phases-chart', 'tokens a second by phase', ['generate', 'verify', 'score', 'update', 'idle']
    .filter(phase => steps.some(step => step[phase + '_seconds'] > 0.001))
    .map(phase => smoothed(phase, step => step[phase + '_seconds'] > 0 ? step.tokens / step[phase + '_seconds'] : null)),
    { type: 'log', scale: false });
  lines('mismatch-chart', 'log-probabilities, training less rollout: largest',
    [smoothed('difference', step => step.logprob_mismatch)]);
  events('alarm').forEach(alarm => {
    const line = element('li', 'step ' + alarm.step + ', ');
    line.append(element('span', alarm.kind.replaceAll('_', ' '), 'bad'), element('span', ': ' + alarm.message));
    byId('alarms').append(line);
  });
});

section('rollouts', run.rollouts, steps => table('rollouts-table',
  ['step', '', 'reward', 'prompt', 'completion', 'answer'], steps.flatMap(step => step.completions.map((one, i) => {
    const text = (value, className) => {
      const cell = element('td');
      cell.append(element('pre', value.trim(), className));
      return cell;
    };
    return [i === 0 ? String(step.step) : '', one.rank, element('td', one.reward.toFixed(3), one.correct ? 'good' : 'bad'),
      text(one.prompt, 'prompt'), text(one.text), one.answer];
  }))));

section('interference', events('interference'), list => table('interference-table',
  ['phase', 'domain', 'since', 'before', 'after', 'points', 'p', ''], list.map(event => [event.phase, event.domain,
    event.since, percent(event.before), percent(event.after), (100 * (event.after - event.before)).toFixed(1),
    event.adjusted_p_value.toFixed(3),
    element('td', event.outcome === 'same' ? 'no real change' : event.outcome,
      {worse: 'bad', better: 'good'}[event.outcome] || 'muted')])));

section('samples', run.answers, answers => answers.forEach(answer => {
  const box = element('div', undefined, 'answer');
  box.append(element('pre', answer.prompt.trim(), 'prompt'));
  const pair = element('div', undefined, 'pair');
  answer.completions.forEach(completion => {
    const side = element('div');
    const head = element('p', completion.phase + ': ', 'head');
    head.append(element('span', completion.correct ? 'correct' : 'wrong', completion.correct ? 'good' : 'bad'));
    side.append(head, element('pre', completion.text));
    pair.append(side);
  });
  box.append(pair, element('p', 'answer: ' + answer.answer, 'head'));
  byId('answers').append(box);
}));

section('recipe', run.recipe, text => { byId('recipe-text').textContent = text; });
