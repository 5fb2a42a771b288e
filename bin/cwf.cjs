#!/usr/bin/env node
'use strict';
// The one executable file. It only turns on V8's code cache (Node 22 and newer) and loads the built entry.
const { enableCompileCache } = require('node:module');
const { existsSync } = require('node:fs');
const { join } = require('node:path');

enableCompileCache?.();
const entry = join(__dirname, '../dist/hot.cjs');
if (existsSync(entry)) {
  require(entry).main(process.argv.slice(2));
} else {
  process.stderr.write('error: cwf is not built\nhint: Run `npm ci` (or `npm run build`) in its folder.\n');
  process.exitCode = 2;
}
