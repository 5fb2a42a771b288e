declare const __CWF_VERSION__: string | undefined;

/** Version of cwf, put in by the build from package.json; `0.0.0` when run from source. */
export const VERSION: string = typeof __CWF_VERSION__ === 'string' ? __CWF_VERSION__ : '0.0.0';
