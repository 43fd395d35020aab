'use strict';
// Follows one run, and lays several over each other. Draws with the same code as a report.
const REDRAW_MILLIS = 1000;
const REREAD_MILLIS = 20000;
const MOST_LIVE_EVENTS = 3000;
// After these there is more to read than the event itself: results, samples, a summary.
const TELLING = ['phase_started', 'evaluated', 'frozen', 'curated', 'run_ended', 'run_resumed'];

const metrics = [
  ['loss', 'train', 'loss'], ['held-out loss', 'eval_loss', 'loss'], ['reward', 'rl', 'reward'],
  ['accuracy of rollouts', 'rl', 'accuracy'], ['completion length', 'rl', 'completion_length'], ['entropy', 'rl', 'entropy'],
  ['KL', 'rl', 'kl'], ['clip fraction', 'rl', 'clip_fraction'], ['preference loss', 'dpo', 'loss'],
  ['learning rate', 'train', 'learning_rate'], ['gradient norm', 'train', 'grad_norm'],
  ['tokens a second', 'train', 'tokens_per_second']];

let chosen = '';
let current = null;
let stream = null;
let live = 0;
let redraw = 0;
let reread = 0;
let lastRead = 0;

const get = async path => {
  const response = await fetch(path);
  if (!response.ok) throw new Error((await response.text()).trim());
  return response.json();
};

// ---- one run -------------------------------------------------------------------------------------------------------

async function open(run) {
  if (stream) stream.close();
  clearTimeout(reread);
  reread = 0;
  chosen = run;
  live = 0;
  lastRead = Date.now();
  try {
    const snapshot = await get('/api/run?run=' + encodeURIComponent(run));
    if (chosen !== run) return;
    current = snapshot.run;
    show();
    showStatus(snapshot.status);
    follow(run, snapshot.from);
  } catch (error) {
    showStatus({ state: 'LOST', why: error.message });
    later(run, 5000);
  }
}

function later(run, millis) {
  if (reread) return;
  reread = setTimeout(() => { reread = 0; if (chosen === run) open(run); }, millis);
}

function follow(run, from) {
  stream = new EventSource('/api/events?run=' + encodeURIComponent(run) + '&from=' + encodeURIComponent(from));
  stream.addEventListener('events', message => take(run, JSON.parse(message.data).events));
  stream.addEventListener('status', message => showStatus(JSON.parse(message.data)));
  stream.addEventListener('reset', () => open(run));
  stream.onerror = () => {
    // The place to go on from is the snapshot's, so start over instead of the browser's own retry.
    stream.close();
    showStatus({ state: 'LOST' });
    later(run, 2000);
  };
}

function take(run, events) {
  current.events.push(...events.filter(event => event.event !== 'progress'));
  live += events.length;
  if (live > MOST_LIVE_EVENTS || events.some(event => TELLING.includes(event.event))) later(run, 1500);
  // Rollouts are files beside the events.
  else if (events.some(event => event.event === 'rl') && Date.now() - lastRead > REREAD_MILLIS) later(run, 500);
  if (!redraw) redraw = setTimeout(() => { redraw = 0; if (!document.hidden) show(); }, REDRAW_MILLIS);
}

function show() {
  byId('empty').hidden = true;
  draw(current);
}

function showStatus(status) {
  const words = { WAITING: 'waiting for its first event', RUNNING: 'running', COMPLETE: 'complete',
    QUIET: 'stopped or hanging: no word for ' + duration(status.quiet || 0), LOST: 'the dashboard does not answer' };
  byId('state').textContent = words[status.state] || status.state;
  byId('state').className = { COMPLETE: 'complete', QUIET: 'quiet', LOST: 'quiet' }[status.state] || '';
  byId('state-facts').textContent = status.state === 'LOST' ? status.why || 'trying again' : [
    status.phase && 'phase ' + status.phase,
    'step ' + status.step.toLocaleString('en'),
    status.tokens_per_second > 0 && Math.round(status.tokens_per_second).toLocaleString('en') + ' tokens/s',
    duration(status.seconds),
  ].filter(Boolean).join(' · ');
  const task = status.task;
  byId('task-line').hidden = !task || !(task.total > 0);
  if (task && task.total > 0) {
    byId('task-name').textContent = task.name;
    byId('task-progress').value = Math.min(1, task.done / task.total);
    byId('task-progress').setAttribute('aria-label', task.name);
    byId('task-facts').textContent = task.done.toLocaleString('en') + ' of ' + task.total.toLocaleString('en')
      + (task.seconds_left >= 0 ? ', ' + duration(task.seconds_left) + ' left' : '');
  }
  byId('saved').textContent = (status.checkpoints || []).length === 0 ? '' : 'checkpoints: ' + status.checkpoints.slice(0, 3)
    .map(saved => saved.name + ' (' + duration(saved.seconds_ago) + ' ago)').join(', ');
}

// ---- several runs --------------------------------------------------------------------------------------------------

const compared = new Set();

async function compare() {
  const [title, event, key] = metrics[byId('metric').value];
  const read = await Promise.all([...compared].map(async id => {
    try {
      return { id, run: id === chosen && current ? current : (await get('/api/run?run=' + encodeURIComponent(id))).run };
    } catch (error) {
      return { id, run: { events: [] } };
    }
  }));
  lines('compare-chart', title + ' by run', read.map(one => {
    const line = curve(one.id, one.run.events.filter(each => each.event === event), key);
    return { ...line, data: smooth(line.data, 2) };
  }));
}

metrics.forEach(([title], i) => {
  const option = element('option', title);
  option.value = i;
  byId('metric').append(option);
});
byId('metric').addEventListener('change', compare);
byId('compare-button').addEventListener('click', () => {
  const hidden = !byId('compare').hidden;
  byId('compare').hidden = hidden;
  byId('compare-button').setAttribute('aria-expanded', String(!hidden));
  if (!hidden) compare();
});

// ---- the list ------------------------------------------------------------------------------------------------------

let listed = '';

async function list() {
  try {
    const runs = await get('/api/runs');
    const ids = JSON.stringify(runs.map(run => run.id));
    if (ids !== listed) {
      listed = ids;
      byId('run-select').replaceChildren(...runs.map(run => {
        const option = element('option', run.id);
        option.value = run.id;
        return option;
      }));
      byId('compared').replaceChildren(byId('compared').firstElementChild, ...runs.map(run => {
        const label = element('label');
        const box = element('input');
        box.type = 'checkbox';
        box.checked = compared.has(run.id) || runs.length <= 4;
        if (box.checked) compared.add(run.id);
        box.addEventListener('change', () => {
          if (box.checked) compared.add(run.id); else compared.delete(run.id);
          compare();
        });
        label.append(box, ' ' + run.id);
        return label;
      }));
      byId('compare-button').hidden = runs.length < 2;
      const wanted = decodeURIComponent(location.hash.slice(1));
      const first = runs.find(run => run.id === (chosen || wanted)) || runs.find(run => run.state === 'RUNNING') || runs[0];
      if (first) byId('run-select').value = first.id;
      if (first && first.id !== chosen) open(first.id);
      if (!first) {
        byId('empty').hidden = false;
        document.querySelectorAll('main section').forEach(one => { one.hidden = true; });
      } else byId('status').hidden = false;
    }
  } catch (error) {
    showStatus({ state: 'LOST', why: error.message });
  }
  setTimeout(list, 5000);
}

byId('run-select').addEventListener('change', event => {
  location.hash = encodeURIComponent(event.target.value);
  open(event.target.value);
});
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => { if (current) show(); });
document.addEventListener('visibilitychange', () => { if (!document.hidden && current) show(); });
list();
