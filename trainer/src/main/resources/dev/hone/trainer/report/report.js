'use strict';
// The page of one run, as it was when it was written.
const page = JSON.parse(document.getElementById('run').textContent);
draw(page);
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => draw(page));
