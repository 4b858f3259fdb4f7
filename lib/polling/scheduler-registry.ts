/**
 * How the registry of `@nestjs/schedule` is asked for: optionally, since only the app can import
 * `ScheduleModule.forRoot()`.
 */
import { SchedulerRegistry } from '@nestjs/schedule';

/** For the `inject` list of a provider. */
export const schedulerRegistry = { token: SchedulerRegistry, optional: true } as const;
