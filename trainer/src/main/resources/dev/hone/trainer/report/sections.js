'use strict';
// The sections of a run, drawn from what run.json holds; drawn anew when more is known.

// Alarms, interference that counts, and whatever else speaks to people.
function warnings(run) {
  return run.events.flatMap(event => {
    if (event.event === 'interference' && (event.outcome === 'worse' || event.significant)) {
      return [{ ...event, kind: 'interference', message: event.domain + ' fell to ' + percent(event.after) + ' from '
        + percent(event.before) + (event.since ? ' after ' + event.since : '') }];
    }
    if (event.event === 'nonfinite_loss') return [{ ...event, kind: 'loss', message: 'the loss is not a number' }];
    return event.message && event.event !== 'progress' ? [{ ...event, kind: event.kind || event.event }] : [];
  });
}

// Seconds as people say them.
function duration(seconds) {
  const whole = Math.round(seconds);
  if (whole < 60) return whole + ' s';
  if (whole < 3600) return Math.floor(whole / 60) + ' min ' + whole % 60 + ' s';
  return Math.floor(whole / 3600) + ' h ' + Math.floor(whole % 3600 / 60) + ' min';
}

function draw(run) {
  const summary = run.summary || {};
  const events = name => run.events.filter(event => event.event === name);
  const first = run.events.find(event => event.time) || {};
  const started = events('run_started')[0] || events('run_resumed')[0] || {};

  byId('title').textContent = run.name;
  document.title = 'hone: ' + run.name;
  byId('facts').textContent = [
    [summary.device || started.device, started.description].filter(Boolean).join(', '),
    started.parameters && started.parameters.toLocaleString('en') + ' parameters',
    summary.seconds !== undefined && duration(summary.seconds),
    summary.peak_rss_bytes && gib(summary.peak_rss_bytes) + ' of memory at most',
    ...events('best_model').map(best => best.phase + ' ended after step ' + best.steps + ' of ' + best.of
      + ' with the weights of step ' + best.best_step),
    first.time && first.time.slice(0, 16).replace('T', ' ') + ' UTC',
    run.events.length === 0 ? 'nothing has happened yet' : events('run_ended').length === 0 && 'unfinished',
    run.unreadable > 0 && run.unreadable + ' lines of events.jsonl could not be read',
  ].filter(Boolean).join(' · ');

  section('warnings', warnings(run), list => byId('warnings-list').replaceChildren(...list.slice(-20).reverse().map(alarm => {
    const line = element('li', 'step ' + alarm.step + (alarm.phase ? ', ' + alarm.phase : '') + ': ');
    line.append(element('span', String(alarm.kind).replaceAll('_', ' '), 'bad'), element('span', ': ' + alarm.message));
    return line;
  })));

  const measured = summary.phases || run.evals.filter(score => !score.name.startsWith('validation'));
  section('accuracy', measured, scores => {
    const domains = unique(scores.map(score => score.domain));
    const names = unique(scores.map(score => score.name));
    table('scores', ['after', ...domains], names.map(name => [name, ...domains.map(domain => {
      const score = scores.find(one => one.name === name && one.domain === domain);
      const cell = element('td', score ? percent(score.accuracy) : '');
      if (score) cell.append(element('small', percent(score.low) + ' to ' + percent(score.high)));
      return cell;
    })]));
    intervals('accuracy-chart', 'Accuracy by domain after each phase, with 95% intervals',
      domains.map(name => ({ name, scores: scores.filter(score => score.domain === name) })), names);
    byId('gains').replaceChildren(...(summary.gains || []).map(gain => {
      const line = element('li', gain.from + ' to ' + gain.to + ', ' + gain.domain + ': ');
      const way = gain.p_value >= 0.05 ? '' : gain.difference > 0 ? 'good' : 'bad';
      line.append(element('span', (gain.difference > 0 ? '+' : '') + (100 * gain.difference).toFixed(1) + ' points', way));
      line.append(element('span', gain.p_value === undefined ? '' : ', paired p '
        + (gain.p_value < 0.001 ? 'below 0.001' : gain.p_value.toFixed(3)), 'muted'));
      line.append(element('span', gain.outside_intervals ? ', outside the intervals' : '', 'muted'));
      return line;
    }));
  });

  section('timeline', run.events.filter(event => event.event === 'phase_started' && event.time), begun => {
    const zero = Date.parse(first.time);
    const last = run.events.filter(event => event.time).pop();
    const minutes = (Date.parse(last.time) - zero) / 60000 > 10;
    const at = time => (Date.parse(time) - zero) / (minutes ? 60000 : 1000);
    const unit = minutes ? ' min' : ' s';
    const end = at(last.time);
    const spans = begun.map((event, i) => ({ name: event.phase, from: at(event.time),
      to: i + 1 < begun.length ? at(begun[i + 1].time) : end }));
    chart('timeline-chart', 'When each phase ran', { legend: { show: false }, grid: { left: 110, right: 24, top: 10, bottom: 36 },
      tooltip: { trigger: 'item', confine: true, renderMode: 'richText',
        formatter: bar => bar.name + ': ' + (spans[bar.dataIndex].to - spans[bar.dataIndex].from).toFixed(1) + unit },
      xAxis: { type: 'value', name: minutes ? 'minutes' : 'seconds', nameLocation: 'middle', nameGap: 22, max: Math.ceil(end) },
      yAxis: { type: 'category', inverse: true, data: spans.map(span => span.name), axisTick: { show: false },
        axisLabel: { color: color('--muted'), width: 100, overflow: 'truncate' } },
      series: [
        { type: 'bar', stack: 'time', silent: true, itemStyle: { color: 'transparent' }, data: spans.map(span => span.from) },
        { type: 'bar', stack: 'time', barWidth: '60%', itemStyle: { borderRadius: 4 },
          data: spans.map((span, i) => ({ value: span.to - span.from, itemStyle: { color: palette[i % palette.length] } })) },
      ] });
  });

  section('curation', events('curated'), curated => {
    const reasons = unique(curated.flatMap(event => Object.keys(event.dropped || {})));
    const colors = { kept: '#3aa58a' };
    chart('curation-chart', 'Candidates kept and dropped by domain', { grid: { left: 80, right: 24, top: 40, bottom: 36 },
      tooltip: { trigger: 'item', confine: true, renderMode: 'richText' },
      xAxis: { type: 'value', name: 'pairs', nameLocation: 'middle', nameGap: 22 },
      yAxis: { type: 'category', inverse: true, data: curated.map(event => event.domain), axisTick: { show: false } },
      series: ['kept', ...reasons].map(reason => ({ name: reason, type: 'bar', stack: 'pairs', barWidth: '55%',
        color: colors[reason], data: curated.map(event => reason === 'kept' ? event.kept : (event.dropped || {})[reason] || 0) })) });
    byId('screens').replaceChildren(...curated.filter(event => event.screen).map(event =>
      element('li', event.domain + ': ' + event.screen.summary)));
  });

  section('frozen', summary.frozen || events('frozen'), frozen => table('datasets', ['domain', 'pairs', 'sha256'],
    frozen.map(dataset => {
      const hash = element('td');
      hash.append(element('code', dataset.hash));
      return [dataset.domain, (dataset.pairs ?? '').toLocaleString('en'), hash];
    })));

  section('loss', events('train'), steps => {
    const phases = unique(steps.map(step => step.phase));
    const held = events('eval_loss');
    const by = (key, change = data => data) => phases.map(phase => {
      const one = curve(phase, steps.filter(step => step.phase === phase), key);
      return { ...one, data: change(one.data) };
    });
    const losses = by('loss', data => smooth(data, 2));
    if (held.length) losses.push({ ...curve('held-out', held, 'loss'), showSymbol: held.length < 100 });
    lines('loss-chart', 'loss (nats a token)', losses);
    lines('rate-chart', 'learning rate', by('learning_rate'), { scale: false });
    lines('norm-chart', 'gradient norm, before clipping', by('grad_norm', data => smooth(data, 2)));
    lines('speed-chart', 'tokens a second', by('tokens_per_second', data => smooth(data, 2)), { scale: false });
  });

  section('rounds', run.evals.filter(score => score.name.startsWith('validation')), scores => {
    const named = scores.map(score => ({ ...score, round: Number(score.name.split('-').pop()) }))
      .sort((a, b) => a.round - b.round).map(score => ({ ...score, name: 'round ' + score.round }));
    intervals('rounds-chart', 'Validation accuracy by round, with 95% intervals', unique(named.map(score => score.domain))
      .map(name => ({ name, scores: named.filter(score => score.domain === name) })),
      unique(named.map(score => score.name)));
  });

  section('dpo', events('dpo'), steps => {
    lines('dpo-loss-chart', 'loss, and share of preferences the right way round',
      [curve('loss', steps, 'loss'), curve('right', steps, 'accuracy')]);
    lines('dpo-reward-chart', 'implied rewards', [curve('chosen', steps, 'chosen_reward'),
      curve('rejected', steps, 'rejected_reward')]);
  });

  section('rl', events('rl'), steps => {
    const smoothed = (name, value) => ({ name, data: smooth(steps.map(step => [step.step, value(step) ?? null]), 2) });
    const named = key => unique(steps.flatMap(step => Object.keys(step[key] || {})));
    const reward = smoothed('reward', step => step.reward);
    lines('reward-chart', 'reward and accuracy of rollouts', [{ ...reward, ranges: curve('', steps, 'reward').ranges },
      smoothed('accuracy', step => step.accuracy), ...(named('domains').length > 1 ? named('domains') : [])
        .map(domain => smoothed('reward, ' + domain, step => (step.domains || {})[domain]))]);
    lines('parts-chart', 'reward by part, before weights', named('rewards')
      .map(part => smoothed(part, step => (step.rewards || {})[part])));
    lines('length-chart', 'completion length (tokens)', [smoothed('length', step => step.completion_length)]);
    lines('shares-chart', 'shares', [smoothed('completions at the limit', step => step.clipped_share),
      smoothed('clipped ratios', step => step.clip_fraction),
      smoothed('groups without a signal', step => step.degenerate_groups / (step.groups || 1))], { min: 0 });
    lines('entropy-chart', 'entropy (nats a token)', [smoothed('entropy', step => step.entropy)]);
    const held = steps.some(step => step.kl);
    byId('kl-chart').hidden = !held;
    if (held) lines('kl-chart', 'KL from the reference (nats a token)', [smoothed('KL', step => step.kl)]);
    lines('rollout-chart', 'rewards within a group: standard deviation', [smoothed('std', step => step.reward_std)]);
    const phases = ['generate', 'verify', 'score', 'update', 'idle']
      .filter(phase => steps.some(step => step[phase + '_seconds'] > 0.001));
    stacked('time-chart', 'seconds of a step, by what it does', steps, phases.map(name => ({ name,
      value: step => step[name + '_seconds'] ?? null })), ' s');
    lines('phases-chart', 'tokens a second, by phase', phases
      .map(phase => smoothed(phase, step => step[phase + '_seconds'] > 0 ? step.tokens / step[phase + '_seconds'] : null)),
      { type: 'log', scale: false });
    lines('gradient-chart', 'gradient norm, before clipping', [smoothed('norm', step => step.grad_norm)]);
    lines('mismatch-chart', 'log-probabilities, training less rollout: largest',
      [smoothed('difference', step => step.logprob_mismatch)]);
  });

  section('rollouts', run.rollouts, steps => table('rollouts-table',
    ['step', '', 'reward', 'prompt', 'completion', 'answer'], steps.flatMap(step => step.completions.map((one, i) => {
      const text = (value, className) => {
        const cell = element('td');
        const box = element('pre', value.trim(), className);
        if (value.length > 400) box.tabIndex = 0;
        cell.append(box);
        return cell;
      };
      return [i === 0 ? String(step.step) : '', one.rank, element('td', one.reward.toFixed(3), one.correct ? 'good' : 'bad'),
        text(one.prompt, 'prompt'), text(one.text), one.answer];
    }))));

  // Runs of before say `significant` and an uncorrected p.
  section('interference', events('interference'), list => table('interference-table',
    ['phase', 'domain', 'since', 'before', 'after', 'points', 'p', ''], list.map(event => {
      const p = event.adjusted_p_value ?? event.p_value;
      const outcome = event.outcome || (event.significant ? 'worse' : 'same');
      return [event.phase, event.domain, event.since || '', percent(event.before), percent(event.after),
        (100 * (event.after - event.before)).toFixed(1), p === undefined ? '' : p < 0.001 ? '< 0.001' : p.toFixed(3),
        element('td', outcome === 'same' ? 'no real change' : outcome, { worse: 'bad', better: 'good' }[outcome] || 'muted')];
    })));

  section('samples', run.answers, answers => byId('answers').replaceChildren(...answers.map(answer => {
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
    box.append(pair, element('p', answer.domain + ', answer: ' + answer.answer, 'head'));
    return box;
  })));

  section('machine', events('system'), list => {
    const zero = Date.parse(first.time);
    const over = (name, value) => ({ name, data: list.map(event => [(Date.parse(event.time) - zero) / 60000,
      value(event) ?? null]) });
    const time = { name: 'minutes' };
    const gpus = unique(list.flatMap(event => (event.gpus || []).map(gpu => gpu.index)));
    const gpu = (index, event) => (event.gpus || []).find(one => one.index === index) || {};
    const size = key => event => event[key] === undefined ? null : event[key] / 2 ** 30;
    lines('memory-chart', 'memory (GiB)', [over('resident', size('rss_bytes')), over('Java heap', size('heap_bytes')),
      over('free on the machine', size('memory_available_bytes'))], { min: 0 }, time);
    lines('processor-chart', 'processors busy', [over('processors', event => event.cpu_cores)], { min: 0 }, time);
    byId('gpus').hidden = gpus.length === 0;
    if (gpus.length === 0) return;
    lines('gpu-chart', 'GPU use (%)', gpus.map(index => over('GPU ' + index, event => {
      const use = gpu(index, event).utilization;
      return use === undefined ? null : 100 * use;
    })), { min: 0, max: 100 }, time);
    lines('gpu-memory-chart', 'GPU memory (GiB)', gpus.map(index => over('GPU ' + index, event =>
      size('memory_used_bytes')(gpu(index, event)))), { min: 0 }, time);
  });

  section('notes', run.events.filter(event => !['train', 'rl', 'dpo', 'eval_loss', 'system', 'progress'].includes(event.event)),
    list => table('notes-table', ['time (UTC)', 'event', 'phase', 'step', ''], list.slice(-200).reverse().map(event => {
      const { time, event: name, phase, step, ...rest } = event;
      const detail = element('td');
      detail.append(element('code', Object.entries(rest).map(([key, value]) => key + ' '
        + (typeof value === 'number' ? short(value) : typeof value === 'string' ? value : JSON.stringify(value))).join(', ')));
      return [(time || '').slice(11, 19), String(name || '').replaceAll('_', ' '), phase || '', String(step ?? ''), detail];
    })));

  section('recipe', run.recipe, text => { byId('recipe-text').textContent = text; });
}
