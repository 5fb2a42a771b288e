/** Bytes of one request. */
export const MOST_BODY = 100 * 1024 * 1024;

/** What the server can do, as it tells clients. */
export const FEATURES = {
  supports_preview_metadata: true,
  max_upload_size: MOST_BODY,
};
