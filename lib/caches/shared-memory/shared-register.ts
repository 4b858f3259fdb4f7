/** The register and the signs of life in the contents of a shared memory. */
import { loseBody } from '../../core/coordination/claim-publication.js';
import type { MemberState } from '../../core/coordination/claim-state.js';
import type {
  Register,
  RegisterEntry,
  RegisterMembers,
  RegisterValue,
} from '../../core/register/register.js';
import { registerValueFromJson, registerValueToJson } from '../../core/register/register-value.js';
import type { BodyPlace, SharedContents } from './shared-contents.js';

export class SharedRegister implements Register, RegisterMembers {
  constructor(private readonly contents: SharedContents) {}

  async read(): Promise<RegisterEntry | undefined> {
    const { register, bodies } = this.contents.read();
    const value = register && registerValueFromJson(register.json);
    return value && { value: withoutLostBody(value, bodies), version: register.version };
  }

  async replace(expected: string | undefined, next: RegisterValue): Promise<boolean> {
    const json = registerValueToJson(next);
    return this.contents.change(({ own, version }) => {
      if (own.register?.version !== expected) return { own, reply: false };
      return { own: { ...own, register: { version, json } }, reply: true };
    });
  }

  async sign(instance: string, { seenAt, revision, ageMs }: MemberState): Promise<void> {
    const age = ageMs === undefined ? {} : { ageMs };
    await this.contents.change(({ own }) => {
      const others = own.members.filter((member) => member.instance !== instance);
      const members = [...others, { instance, seenAt, revision, ...age }];
      return { own: { ...own, members }, reply: undefined };
    });
  }

  async all(): Promise<ReadonlyMap<string, MemberState>> {
    const { members } = this.contents.read();
    return new Map(
      members.map(({ instance, seenAt, revision, ageMs }) => [
        instance,
        { seenAt, revision, ageMs },
      ]),
    );
  }

  async forget(instances: readonly string[]): Promise<void> {
    await this.contents.change(({ own }) => {
      const members = own.members.filter(({ instance }) => !instances.includes(instance));
      const isChanged = members.length < own.members.length;
      return { own: isChanged ? { ...own, members } : own, reply: undefined };
    });
  }
}

/** A body that has no place any more is to be published again. */
function withoutLostBody(value: RegisterValue, places: readonly BodyPlace[]): RegisterValue {
  const { revision = 0 } = value.state.record ?? {};
  const isThere = places.some((place) => place.revision === revision && place.stored !== undefined);
  return isThere ? value : { ...value, state: loseBody(value.state, revision) };
}
