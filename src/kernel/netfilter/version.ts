/** The version that iptables and its kin give themselves. */
export const VERSION = "v1.8.13 (nf_tables)";
