import { describe, expect, it } from '@jest/globals';
import { GroupSubjects } from '../../../lib/core/evaluation/group-subjects.js';

const pro = { plan: 'pro' };

describe('the groups of an evaluation', () => {
  it('are read once: who asks for a type again gets the same subject', () => {
    const subjects = new GroupSubjects();
    const company = subjects.add('company', 'acme', pro);
    const team = subjects.add('team', 5, undefined);
    expect(subjects.get('company')).toBe(company);
    expect(subjects.get('team')).toBe(team);
    expect(subjects.get('project')).toBeUndefined();
    expect(company).toMatchObject({ bucketingId: 'acme', properties: pro, addedValue: 'acme' });
    expect(team).toMatchObject({ bucketingId: '5', properties: undefined, addedValue: 5 });
  });

  it.each([
    ['no text', { toString: 'x' }],
    ['one beyond all that is honest', 'x'.repeat(10_001)],
  ])('are not remembered where the key has %s', (_text, key) => {
    const subjects = new GroupSubjects();
    expect(() => subjects.add('company', key, pro)).toThrow('An id without a text.');
    expect(subjects.get('company')).toBeUndefined();
  });

  it('are forgotten at its end, and what they held with them', () => {
    const subjects = new GroupSubjects();
    const both = [subjects.add('company', 'acme', pro), subjects.add('team', 'core', pro)];
    subjects.clear();
    expect(subjects.get('company')).toBeUndefined();
    for (const subject of both) {
      expect(subject).toMatchObject({ bucketingId: '', properties: undefined });
      expect(subject.addedValue).toBeUndefined();
    }
  });

  it('serve the next evaluation, whatever types that one asks for', () => {
    const subjects = new GroupSubjects();
    const first = subjects.add('company', 'acme', pro);
    subjects.clear();
    expect(subjects.add('team', 'core', undefined)).toBe(first);
    expect(first).toMatchObject({ bucketingId: 'core', properties: undefined });
  });
});
