/**
 * JSON as cwf holds it. Integers that a double cannot hold exactly are bigint (a ComfyUI seed goes up to 2^64-1);
 * every other number is a finite double. Objects are plain and never own `__proto__`, `constructor` or `prototype`.
 */
export type Json = null | boolean | number | bigint | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** Whether a value is a JSON object (not an array, not null). */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
