/* From the agent's rights to the container's, in the one order in which the kernel allows it. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "launch.h"

static void make_folders(const struct spec *spec, const char *path)
{
	char part[4096];
	size_t length = strlen(path);
	if (length >= sizeof part)
		fail_with(STAGE_WORKING_DIR, ENAMETOOLONG, path);
	for (size_t i = 1; i <= length; i++) {
		if (path[i] != '/' && path[i] != 0)
			continue;
		memcpy(part, path, i);
		part[i] = 0;
		int made = !mkdir(part, 0755);
		if ((!made && errno != EEXIST) || (made && lchown(part, spec->users.uid, spec->users.gid)))
			fail(STAGE_WORKING_DIR, path);
	}
}

void identity_working_dir(const struct spec *spec)
{
	char present[4096];

	if (chdir(spec->cwd) && errno == ENOENT)
		make_folders(spec, spec->cwd);
	if (chdir(spec->cwd))
		fail(STAGE_WORKING_DIR, spec->cwd);
	/* A folder outside of the root has no path in it: never begin there. */
	long length = syscall(SYS_getcwd, present, sizeof present);
	if (length <= 0 || present[0] != '/')
		fail_with(STAGE_WORKING_DIR, EPERM, spec->cwd);
}

static void set_limits(const struct spec *spec)
{
	for (size_t i = 0; i < spec->rlimit_count; i++) {
		struct rlimit limit = {spec->rlimits[i].soft, spec->rlimits[i].hard};
		if (setrlimit(spec->rlimits[i].resource, &limit))
			fail(STAGE_RLIMIT, "");
	}
}

/* Programs open /dev/stdout anew, which needs to be theirs. */
static void own_stdio(uid_t uid)
{
	for (int fd = 0; fd <= 2; fd++) {
		struct stat st;
		if (fstat(fd, &st))
			continue;
		if (S_ISFIFO(st.st_mode) || (S_ISCHR(st.st_mode) && st.st_rdev != makedev(1, 3)))
			if (fchown(fd, uid, (gid_t)-1) && errno != EROFS)
				fail(STAGE_USER, "standard streams");
	}
}

static void set_sets(uint64_t permitted, uint64_t effective, uint64_t inheritable)
{
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2];
	for (int i = 0; i < 2; i++) {
		data[i].permitted = (uint32_t)(permitted >> (32 * i));
		data[i].effective = (uint32_t)(effective >> (32 * i));
		data[i].inheritable = (uint32_t)(inheritable >> (32 * i));
	}
	if (syscall(SYS_capset, &header, data))
		fail(STAGE_CAPABILITIES, "capset");
}

static uint64_t permitted_now(void)
{
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2];
	if (syscall(SYS_capget, &header, data))
		fail(STAGE_CAPABILITIES, "capget");
	return data[0].permitted | (uint64_t)data[1].permitted << 32;
}

static void drop_bounding(uint64_t keep)
{
	for (int cap = 0; cap < 64; cap++) {
		int present = prctl(PR_CAPBSET_READ, cap, 0, 0, 0);
		if (present < 0)
			return; /* the kernel has no further ones */
		if (present && !(keep >> cap & 1) && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0))
			fail(STAGE_CAPABILITIES, "bounding set");
	}
}

static void set_ambient(uint64_t ambient)
{
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0))
		fail(STAGE_CAPABILITIES, "ambient set");
	for (int cap = 0; cap < 64; cap++)
		if (ambient >> cap & 1 && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0))
			fail(STAGE_CAPABILITIES, "ambient set");
}

static void install_filter(const struct spec *spec)
{
	if (spec->seccomp.len && syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &spec->seccomp))
		fail(STAGE_SECCOMP, "");
}

void identity_become(const struct spec *spec)
{
	int unprivileged_filter = (spec->flags & FLAG_NO_NEW_PRIVS) != 0;

	set_limits(spec);
	own_stdio(spec->users.uid + spec->uid);
	users_enter(spec);
	uint64_t have = permitted_now();
	drop_bounding(spec->bounding);
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0))
		fail(STAGE_CAPABILITIES, "keep capabilities");
	if (setgroups(spec->group_count, spec->groups) || setresgid(spec->gid, spec->gid, spec->gid) ||
	    setresuid(spec->uid, spec->uid, spec->uid))
		fail(STAGE_USER, "");
	/* Without no_new_privs a filter wants CAP_SYS_ADMIN, which the container may not have: install it first. */
	if (!unprivileged_filter && spec->seccomp.len) {
		set_sets(have, have, 0);
		install_filter(spec);
	}
	/* What this machine's root does not have cannot be given. */
	set_sets(spec->permitted & have, spec->effective & have, spec->inheritable & have);
	set_ambient(spec->ambient & spec->permitted & spec->inheritable & have);
	if (prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0))
		fail(STAGE_CAPABILITIES, "keep capabilities");
	if (unprivileged_filter) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
			fail(STAGE_CAPABILITIES, "no_new_privs");
		install_filter(spec);
	}
}
