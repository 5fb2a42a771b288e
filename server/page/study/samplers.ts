/** The samplers that a study can be told to use; without one it is chosen by the space and the budget. */
export const SAMPLER_NAMES = ['gp', 'tpe', 'sobol', 'lhs', 'random', 'grid'] as const;
