import { TOKEN_SCOPES } from '../token-scope.ts';
import { fieldsOf, type Zod } from './fields.ts';

/** Inputs of the verbs that say who may come through the doors. */
export const ACCESS = {
  'token add': (z: Zod) =>
    z.strictObject({
      actor: fieldsOf(z).text('person, agent/<name> or tool/<name>', 80),
      scope: z.enum(TOKEN_SCOPES).describe('what it may do'),
    }),
  'token ls': (z: Zod) => z.strictObject({}),
  'token rm': (z: Zod) => z.strictObject({ actor: fieldsOf(z).text('whose token', 80) }),
};
