#!/usr/bin/env node
'use strict';

require('./launch.js')('pm2', __filename);
