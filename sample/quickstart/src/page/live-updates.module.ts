import { Module } from '@nestjs/common';
import { LiveUpdates } from './live-updates.js';

@Module({ providers: [LiveUpdates], exports: [LiveUpdates] })
export class LiveUpdatesModule {}
