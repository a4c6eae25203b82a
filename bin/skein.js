#!/usr/bin/env node
'use strict';

require('./launch.js')('cli', __filename);
