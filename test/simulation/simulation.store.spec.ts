import { describeMixes } from './simulated-mixes.js';

describeMixes('store');
