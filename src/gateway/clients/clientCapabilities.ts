import { isObject, type Params } from '../../protocol/messages.js';

/**
 * What several clients can do together, of what servers may ask of them (MCP 2025-11-25, "Lifecycle"): roots, sampling and
 * elicitation. What the gateway does not know it does not announce.
 * @param all the capabilities as each client declared them
 */
export function togetherCapable(all: readonly Params[]): Params {
  const roots = all.some((one) => isObject(one.roots));
  const sampling = all.map((one) => one.sampling).filter(isObject);
  const elicitation = all.map((one) => one.elicitation).filter(isObject);
  const some = (them: readonly Params[], name: string): Params =>
    them.some((one) => isObject(one[name])) ? { [name]: {} } : {};
  // Before 2025-11-25 there was no other than forms, and nothing to say about it.
  const forms = elicitation.some(({ form, url }) => isObject(form) || !isObject(url));
  return {
    // The gateway tells of every change of who its clients are, whatever each of them does.
    ...(roots ? { roots: { listChanged: true } } : {}),
    ...(sampling.length > 0
      ? { sampling: { ...some(sampling, 'context'), ...some(sampling, 'tools') } }
      : {}),
    ...(elicitation.length > 0
      ? { elicitation: { ...(forms ? { form: {} } : {}), ...some(elicitation, 'url') } }
      : {}),
  };
}

/** Whether some of these capabilities are missing in what was told. Both as `togetherCapable` makes them. */
export const isMoreThan = (capabilities: Params, told: Params): boolean =>
  Object.entries(capabilities).some(([name, own]) => {
    const before = told[name];
    if (!isObject(before)) return true;
    return isObject(own) && Object.keys(own).some((part) => !(part in before));
  });
