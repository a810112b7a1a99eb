/** What a guest is for: a plugin gives tools, a guard labels data. */
export type GuestRole = 'plugin' | 'guard';
