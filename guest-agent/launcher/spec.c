#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "launch.h"

static void read_fully(int fd, void *buffer, size_t length)
{
	char *at = buffer;
	while (length > 0) {
		ssize_t got = read(fd, at, length);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			fail(STAGE_SPEC, "read");
		if (got == 0)
			fail_with(STAGE_SPEC, EPIPE, "the specification ends early");
		at += got;
		length -= (size_t)got;
	}
}

static _Noreturn void malformed(const char *what)
{
	fail_with(STAGE_SPEC, EINVAL, what);
}

/* The payload as a string of its own. */
static char *text(const unsigned char *payload, size_t length)
{
	if (memchr(payload, 0, length))
		malformed("a text holds a zero byte");
	char *copy = malloc(length + 1);
	if (!copy)
		fail(STAGE_SPEC, "memory");
	memcpy(copy, payload, length);
	copy[length] = 0;
	return copy;
}

static const char *absolute(const unsigned char *payload, size_t length)
{
	if (length == 0 || payload[0] != '/')
		malformed("a path is not absolute");
	return text(payload, length);
}

/* Appends, and keeps a NULL behind the last item, as execve wants it. */
static void append(struct list *list, char *item)
{
	if (list->count >= SPEC_MAX_ITEMS)
		malformed("too many items in a list");
	if (list->count + 1 >= list->room) {
		list->room = list->room ? list->room * 2 : 64;
		list->items = realloc(list->items, list->room * sizeof *list->items);
		if (!list->items)
			fail(STAGE_SPEC, "memory");
	}
	list->items[list->count++] = item;
	list->items[list->count] = NULL;
}

static void copy_exactly(void *to, const unsigned char *payload, size_t length, size_t wanted)
{
	if (length != wanted)
		malformed("a record has the wrong length");
	memcpy(to, payload, wanted);
}

static void add_mount(struct spec *spec, const unsigned char *payload, size_t length)
{
	if (spec->mount_count == SPEC_MAX_MOUNTS || length < 10)
		malformed("mount");
	struct mount_spec *mount = &spec->mounts[spec->mount_count++];
	mount->kind = payload[0];
	mount->flags = payload[1];
	memcpy(&mount->bytes, payload + 2, 8);
	const unsigned char *source = payload + 10;
	const unsigned char *zero = memchr(source, 0, length - 10);
	if (!zero)
		malformed("mount without a destination");
	mount->source = text(source, (size_t)(zero - source));
	mount->destination = absolute(zero + 1, (size_t)(payload + length - (zero + 1)));
	if (mount->kind != MOUNT_BIND && mount->kind != MOUNT_TMPFS)
		malformed("mount of an unknown kind");
}

static void add_device(struct spec *spec, const unsigned char *payload, size_t length)
{
	if (spec->device_count == SPEC_MAX_DEVICES || length < 2)
		malformed("device");
	struct device_spec *device = &spec->devices[spec->device_count++];
	device->access = payload[0];
	const unsigned char *path = payload + 1;
	const unsigned char *zero = memchr(path, 0, length - 1);
	if (!zero)
		malformed("device without a place");
	device->guest_path = absolute(path, (size_t)(zero - path));
	device->container_path = absolute(zero + 1, (size_t)(payload + length - (zero + 1)));
}

static void set_users(struct spec *spec, const unsigned char *payload, size_t length)
{
	if (length < 8)
		malformed("users");
	memcpy(&spec->users.uid, payload, 4);
	memcpy(&spec->users.gid, payload + 4, 4);
	const unsigned char *file = payload + 8;
	const unsigned char *zero = memchr(file, 0, length - 8);
	if (!zero)
		malformed("users without a network");
	spec->users.namespace = absolute(file, (size_t)(zero - file));
	spec->users.network = absolute(zero + 1, (size_t)(payload + length - (zero + 1)));
}

static void add_rlimit(struct spec *spec, const unsigned char *payload, size_t length)
{
	if (spec->rlimit_count == sizeof spec->rlimits / sizeof spec->rlimits[0] || length != 20)
		malformed("rlimit");
	struct rlimit_spec *limit = &spec->rlimits[spec->rlimit_count++];
	memcpy(&limit->resource, payload, 4);
	memcpy(&limit->soft, payload + 4, 8);
	memcpy(&limit->hard, payload + 12, 8);
}

static void set_seccomp(struct spec *spec, const unsigned char *payload, size_t length)
{
	if (length % sizeof(struct sock_filter) || length / sizeof(struct sock_filter) > BPF_MAXINSNS)
		malformed("seccomp filter");
	spec->seccomp.len = (unsigned short)(length / sizeof(struct sock_filter));
	spec->seccomp.filter = malloc(length ? length : 1);
	if (!spec->seccomp.filter)
		fail(STAGE_SPEC, "memory");
	memcpy(spec->seccomp.filter, payload, length);
}

static void set_capabilities(struct spec *spec, const unsigned char *payload, size_t length)
{
	uint64_t sets[5];
	copy_exactly(sets, payload, length, sizeof sets);
	spec->bounding = sets[0];
	spec->permitted = sets[1];
	spec->effective = sets[2];
	spec->inheritable = sets[3];
	spec->ambient = sets[4];
}

static void apply(struct spec *spec, uint16_t tag, const unsigned char *payload, size_t length)
{
	switch ((enum tag)tag) {
	case TAG_MODE: copy_exactly(&spec->mode, payload, length, 1); return;
	case TAG_FLAGS: copy_exactly(&spec->flags, payload, length, 4); return;
	case TAG_ARG: append(&spec->args, text(payload, length)); return;
	case TAG_ENV: append(&spec->env, text(payload, length)); return;
	case TAG_CWD: spec->cwd = absolute(payload, length); return;
	case TAG_UID: copy_exactly(&spec->uid, payload, length, 4); return;
	case TAG_GID: copy_exactly(&spec->gid, payload, length, 4); return;
	case TAG_GROUP:
		if (spec->group_count == SPEC_MAX_GROUPS)
			malformed("too many groups");
		copy_exactly(&spec->groups[spec->group_count++], payload, length, 4);
		return;
	case TAG_CAPS: set_capabilities(spec, payload, length); return;
	case TAG_RLIMIT: add_rlimit(spec, payload, length); return;
	case TAG_SECCOMP: set_seccomp(spec, payload, length); return;
	case TAG_OOM_SCORE: copy_exactly(&spec->oom_score_adj, payload, length, 4); return;
	case TAG_CGROUP: spec->cgroup = absolute(payload, length); return;
	case TAG_ROOT: spec->root = absolute(payload, length); return;
	case TAG_MOUNT: add_mount(spec, payload, length); return;
	case TAG_MASKED: append(&spec->masked, (char *)absolute(payload, length)); return;
	case TAG_READONLY: append(&spec->readonly, (char *)absolute(payload, length)); return;
	case TAG_DEVICE: add_device(spec, payload, length); return;
	case TAG_USERS: set_users(spec, payload, length); return;
	}
	malformed("unknown record");
}

static void check(const struct spec *spec)
{
	switch ((enum mode)spec->mode) {
	case MODE_PAUSE:
	case MODE_USERS: return;
	case MODE_CREATE:
		if (!spec->root)
			malformed("no root filesystem");
		break;
	case MODE_JOIN: break;
	default: malformed("unknown mode");
	}
	if (spec->args.count == 0 || spec->args.items[0][0] == 0)
		malformed("no program");
}

void spec_read(int fd, struct spec *spec)
{
	unsigned char head[8];
	uint32_t total;

	memset(spec, 0, sizeof *spec);
	spec->pidfd = -1;
	spec->cwd = "/";
	/* execve takes no NULL for an empty environment without a warning. */
	spec->env.items = calloc(1, sizeof *spec->env.items);

	read_fully(fd, head, sizeof head);
	memcpy(&total, head + 4, 4);
	if (memcmp(head, SPEC_MAGIC, 4) || total > SPEC_MAX_BYTES)
		malformed("head");
	unsigned char *bytes = malloc(total + 1);
	if (!bytes || !spec->env.items)
		fail(STAGE_SPEC, "memory");
	read_fully(fd, bytes, total);

	for (size_t at = 0; at < total;) {
		uint16_t tag;
		uint32_t length;
		if (total - at < 6)
			malformed("a record's head ends early");
		memcpy(&tag, bytes + at, 2);
		memcpy(&length, bytes + at + 2, 4);
		at += 6;
		if (length > total - at)
			malformed("a record ends early");
		apply(spec, tag, bytes + at, length);
		at += length;
	}
	check(spec);
}
