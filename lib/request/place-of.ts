/** Names the handler of an execution context for people: `CatsController.findAll`. */
import type { ExecutionContext } from '@nestjs/common';

export function placeOf(ctx: ExecutionContext): string {
  return `${ctx.getClass().name}.${ctx.getHandler().name}`;
}
