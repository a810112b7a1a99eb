/** Why a connection ended whose server no longer knows its session. */
export const SESSION_EXPIRED = 'its session expired';

/** Why a connection ended that was opened with another login, or with one that has ended. */
export const LOGIN_CHANGED = 'its login has changed';

/** Why a connection ended to a guest of which there is a new version. */
export const RENEWED = 'a new version of it has taken its place';
