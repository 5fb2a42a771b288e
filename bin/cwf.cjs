#!/usr/bin/env node
'use strict';
// The one executable file. It only turns on V8's code cache (Node 22 and newer) and loads the built entry.
require('node:module').enableCompileCache?.();
require('../dist/hot.cjs').main(process.argv.slice(2));
