/*
 * What the agent asks the launcher to do, and what the launcher answers.
 *
 * The specification comes through a pipe: the four bytes "HLS1", a 32-bit length, then that many bytes of
 * records. A record is a 16-bit tag, a 32-bit length and its payload. All numbers are little-endian. Texts have
 * no terminating zero and may not contain one. A tag that the launcher does not know is an error: agent and
 * launcher are built together, so a stranger here means a mistake. The encoder is LaunchSpec.java.
 *
 * After the specification the agent keeps the pipe open; closing it is the word to go on to exec.
 */
#ifndef HULL_SPEC_H
#define HULL_SPEC_H

#include <stddef.h>
#include <stdint.h>
#include <linux/filter.h>

#define SPEC_MAGIC "HLS1"
#define SPEC_MAX_BYTES (4u << 20)
#define SPEC_MAX_ITEMS 16384u
#define SPEC_MAX_GROUPS 1024u
#define SPEC_MAX_MOUNTS 1024u
#define SPEC_MAX_DEVICES 64u

enum tag {
	TAG_MODE = 1,       /* u8, enum mode */
	TAG_FLAGS = 2,      /* u32, FLAG_... */
	TAG_ARG = 3,        /* text, repeated */
	TAG_ENV = 4,        /* text, repeated */
	TAG_CWD = 5,        /* text, absolute */
	TAG_UID = 6,        /* u32 */
	TAG_GID = 7,        /* u32 */
	TAG_GROUP = 8,      /* u32, repeated */
	TAG_CAPS = 9,       /* 5 x u64: bounding, permitted, effective, inheritable, ambient */
	TAG_RLIMIT = 10,    /* u32 resource, u64 soft, u64 hard; repeated */
	TAG_SECCOMP = 11,   /* struct sock_filter[] */
	TAG_OOM_SCORE = 12, /* i32 */
	TAG_CGROUP = 13,    /* text: a cgroup v2 folder as the agent sees it; absent: stay */
	TAG_ROOT = 14,      /* text: the root filesystem, already mounted by the agent */
	TAG_MOUNT = 15,     /* u8 kind, u8 MOUNT_... flags, u64 bytes, source, 0, destination; repeated, in order */
	TAG_MASKED = 16,    /* text, repeated */
	TAG_READONLY = 17,  /* text, repeated */
	TAG_DEVICE = 18,    /* u8 DEVICE_... access, the guest's path, 0, the container's; repeated */
	TAG_USERS = 19,     /* u32 uid, u32 gid: whom root is outside; the user namespace's file, 0, its network's */
};

enum mode {
	MODE_CREATE = 1, /* the first process of a container */
	MODE_JOIN = 2,   /* a further process of a running one */
	MODE_PAUSE = 3,  /* PID 1 of the pod's PID namespace, which only reaps */
	MODE_USERS = 4,  /* has a user namespace, whose ids the agent maps, and a network of it; only waits */
};

#define FLAG_NO_NEW_PRIVS 1u
#define FLAG_TERMINAL 2u
#define FLAG_PRIVILEGED 4u
#define FLAG_READONLY_ROOT 8u
#define FLAG_DEVICE_FILTER 16u

enum mount_kind {
	MOUNT_BIND = 1,
	MOUNT_TMPFS = 2,
};

#define MOUNT_READONLY 1u
/* Mounts made below the source later are seen too. */
#define MOUNT_SLAVE 2u

#define DEVICE_READ 1u
#define DEVICE_WRITE 2u

/*
 * Answers on the status pipe, which closes at a successful exec:
 *   'P' u32 pid                      the process exists (as the agent's PID namespace numbers it)
 *   'R' i32 fd                       ready to exec; fd is the terminal's master in that process, or -1
 *   'E' u8 stage, u32 errno, u16 n, n bytes   it failed: where, why, and at which path
 */
enum stage {
	STAGE_SPEC = 1,
	STAGE_NAMESPACES = 2,
	STAGE_CGROUP = 3,
	STAGE_DEVICES = 4,
	STAGE_ROOT = 5,
	STAGE_MOUNT = 6,
	STAGE_TERMINAL = 7,
	STAGE_WORKING_DIR = 8,
	STAGE_RLIMIT = 9,
	STAGE_USER = 10,
	STAGE_CAPABILITIES = 11,
	STAGE_SECCOMP = 12,
	STAGE_EXEC = 13,
};

struct mount_spec {
	uint8_t kind;
	uint8_t flags;
	uint64_t bytes;
	const char *source;
	const char *destination;
};

struct device_spec {
	uint8_t access;
	const char *guest_path;
	const char *container_path;
	/* Found at guest_path before the process leaves the agent's file tree. */
	uint32_t type; /* S_IFCHR or S_IFBLK */
	uint32_t major;
	uint32_t minor;
};

struct rlimit_spec {
	uint32_t resource;
	uint64_t soft;
	uint64_t hard;
};

struct users_spec {
	const char *namespace; /* NULL: the agent's own */
	const char *network;
	uint32_t uid;
	uint32_t gid;
	int fd, network_fd; /* of the namespaces, once they are open */
};

struct list {
	char **items;
	size_t count;
	size_t room;
};

struct spec {
	uint8_t mode;
	uint32_t flags;
	struct list args;
	struct list env;
	struct list masked;
	struct list readonly;
	const char *cwd;
	const char *cgroup;
	const char *root;
	uint32_t uid;
	uint32_t gid;
	uint32_t groups[SPEC_MAX_GROUPS];
	size_t group_count;
	uint64_t bounding, permitted, effective, inheritable, ambient;
	struct rlimit_spec rlimits[32];
	size_t rlimit_count;
	struct sock_fprog seccomp;
	int32_t oom_score_adj;
	struct mount_spec mounts[SPEC_MAX_MOUNTS];
	size_t mount_count;
	struct device_spec devices[SPEC_MAX_DEVICES];
	size_t device_count;
	struct users_spec users;
	int pidfd; /* MODE_JOIN: whose namespaces; MODE_CREATE: whose PID namespace; -1: a new one */
};

/* Reads and checks the specification, or reports and exits. The memory is never freed: exec does that. */
void spec_read(int fd, struct spec *spec);

#endif
