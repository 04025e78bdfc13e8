/*
 * The container's file tree. The image and the volumes are hostile: every path in them is resolved by
 * openat2(RESOLVE_IN_ROOT), so that a link can lead to another place of the container and never out of it, and
 * every mount goes onto the descriptor that was resolved, so that nothing can change in between.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <dirent.h>
#include <unistd.h>

#include "launch.h"

#define MAX_LINKS 40
#define TTY_GROUP 5
#define READONLY_TREE (AT_EMPTY_PATH | AT_RECURSIVE)

enum kind { FOLDER, FILE_ };

static int root_fd = -1;
/* Whose all that is made here shall be: the container's root. */
static uid_t owner_uid;
static gid_t owner_gid;

static int own(int dir, const char *name)
{
	return owner_uid || owner_gid ? fchownat(dir, name, owner_uid, owner_gid, AT_SYMLINK_NOFOLLOW) : 0;
}

static int open_in(int dir, const char *path, uint64_t flags, uint64_t resolve)
{
	struct open_how how = {.flags = flags | O_CLOEXEC, .resolve = resolve};
	return (int)syscall(SYS_openat2, dir, path, &how, sizeof how);
}

/* A path of the container, symbolic links followed inside of it; -1 and errno if it is not there. */
static int resolve(const char *path)
{
	return open_in(root_fd, path, O_PATH, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
}

/*
 * As resolve, and makes what is missing. A dangling link is followed: what it names is made, as seen from inside
 * (/etc/resolv.conf is one in many images). Every step goes through resolve again, so wherever a link points, the
 * result is in the container.
 */
static int resolve_or_make(const char *path, enum kind kind, int links)
{
	char parent[PATH_MAX], target[PATH_MAX];

	int fd = resolve(path);
	if (fd >= 0 || errno != ENOENT)
		return fd;
	if (links > MAX_LINKS || strlen(path) >= sizeof parent) {
		errno = ELOOP;
		return -1;
	}
	strcpy(parent, path);
	for (size_t n = strlen(parent); n > 1 && parent[n - 1] == '/'; n--)
		parent[n - 1] = 0;
	char *slash = strrchr(parent, '/');
	const char *name = slash ? slash + 1 : parent;
	if (!slash || !*name)
		return -1;
	*slash = 0;

	int dir = resolve_or_make(*parent ? parent : "/", FOLDER, links + 1);
	if (dir < 0)
		return -1;
	if (kind == FOLDER) {
		if (mkdirat(dir, name, 0755) ? errno != EEXIST : own(dir, name))
			return -1;
	} else {
		int made = openat(dir, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0644);
		if (made >= 0 ? own(dir, name) : errno != EEXIST)
			return -1;
		if (made >= 0)
			close(made);
	}
	ssize_t length = readlinkat(dir, name, target, sizeof target - 1);
	close(dir);
	if (length < 0)
		return resolve(path);
	target[length] = 0;
	if (*target == '/')
		return resolve_or_make(target, kind, links + 1);
	char *joined;
	if (asprintf(&joined, "%s/%s", parent, target) < 0)
		return -1;
	fd = resolve_or_make(joined, kind, links + 1);
	free(joined);
	return fd;
}

static void move_onto(int tree, int target, const char *what)
{
	if (move_mount(tree, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH))
		fail(STAGE_MOUNT, what);
	close(tree);
	close(target);
}

/* A new file system of `type`; options are NULL-terminated pairs of key and value. */
static int new_filesystem(const char *type, unsigned attributes, const char *const *options, const char *what)
{
	int context = fsopen(type, FSOPEN_CLOEXEC);
	if (context < 0)
		fail(STAGE_MOUNT, what);
	for (; options && *options; options += 2)
		if (fsconfig(context, FSCONFIG_SET_STRING, options[0], options[1], 0))
			fail(STAGE_MOUNT, what);
	if (fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		fail(STAGE_MOUNT, what);
	int tree = fsmount(context, FSMOUNT_CLOEXEC, attributes);
	if (tree < 0)
		fail(STAGE_MOUNT, what);
	close(context);
	return tree;
}

static void mount_new(const char *type, const char *target, unsigned attributes, const char *const *options)
{
	int fd = resolve_or_make(target, FOLDER, 0);
	if (fd < 0)
		fail(STAGE_MOUNT, target);
	move_onto(new_filesystem(type, attributes, options, target), fd, target);
}

static int clone_tree(int fd, unsigned flags, const char *what)
{
	int tree = open_tree(fd, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | flags);
	if (tree < 0)
		fail(STAGE_MOUNT, what);
	return tree;
}

static void set_attributes(int tree, struct mount_attr attributes, const char *what)
{
	if (mount_setattr(tree, "", READONLY_TREE, &attributes, sizeof attributes))
		fail(STAGE_MOUNT, what);
}

static void node(int dev, const char *name, mode_t mode, dev_t device)
{
	if (mknodat(dev, name, mode, device) || own(dev, name))
		fail(STAGE_MOUNT, name);
}

static void link_in(int dev, const char *target, const char *name)
{
	if (symlinkat(target, dev, name) || own(dev, name))
		fail(STAGE_MOUNT, name);
}

/* A privileged container has the guest's devices: their nodes, copied as they are now. */
static void copy_nodes(const char *from, int to, int depth)
{
	DIR *dir = opendir(from);
	if (!dir)
		return;
	struct dirent *entry;
	while ((entry = readdir(dir))) {
		struct stat st;
		if (entry->d_name[0] == '.' || fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW))
			continue;
		if (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode)) {
			if (mknodat(to, entry->d_name, st.st_mode, st.st_rdev) && errno != EEXIST)
				fail(STAGE_MOUNT, entry->d_name);
		} else if (S_ISDIR(st.st_mode) && depth < 3 && strcmp(entry->d_name, "pts") &&
		           strcmp(entry->d_name, "shm") && strcmp(entry->d_name, "mqueue")) {
			char path[PATH_MAX];
			if ((size_t)snprintf(path, sizeof path, "%s/%s", from, entry->d_name) >= sizeof path ||
			    (mkdirat(to, entry->d_name, 0755) && errno != EEXIST))
				continue;
			int sub = openat(to, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
			if (sub >= 0) {
				copy_nodes(path, sub, depth + 1);
				close(sub);
			}
		}
	}
	closedir(dir);
}

static void refuse_proc(int fd, const char *what)
{
	struct statfs fs;
	if (fstatfs(fd, &fs))
		fail(STAGE_MOUNT, what);
	/* A mount there would undo the masked paths, and a link in the image could bring one there. */
	if (fs.f_type == PROC_SUPER_MAGIC)
		fail_with(STAGE_MOUNT, EPERM, what);
}

/* Anyone in the container may open it, as far as the device filter lets them. */
static void make_device(const struct device_spec *device)
{
	char parent[PATH_MAX];
	struct stat st;

	if (strlen(device->container_path) >= sizeof parent)
		fail_with(STAGE_DEVICES, ENAMETOOLONG, device->container_path);
	strcpy(parent, device->container_path);
	char *slash = strrchr(parent, '/');
	*slash = 0;
	int dir = resolve_or_make(*parent ? parent : "/", FOLDER, 0);
	if (dir < 0)
		fail(STAGE_DEVICES, device->container_path);
	refuse_proc(dir, device->container_path);
	dev_t number = makedev(device->major, device->minor);
	if (!mknodat(dir, slash + 1, device->type | 0666, number)) {
		if (own(dir, slash + 1))
			fail(STAGE_DEVICES, device->container_path);
	} else {
		/* Every container has some of them already. */
		if (errno != EEXIST || fstatat(dir, slash + 1, &st, AT_SYMLINK_NOFOLLOW) ||
		    (st.st_mode & S_IFMT) != device->type || st.st_rdev != number)
			fail_with(STAGE_DEVICES, EEXIST, device->container_path);
	}
	close(dir);
}

/* In the container's memory, and its root's. */
static int new_tmpfs(unsigned attributes, const char *mode, const char *size, const char *what)
{
	char uid[16], gid[16];
	snprintf(uid, sizeof uid, "%u", owner_uid);
	snprintf(gid, sizeof gid, "%u", owner_gid);
	return new_filesystem("tmpfs", attributes,
	                      (const char *[]){"uid", uid, "gid", gid, "mode", mode, size ? "size" : NULL, size, NULL},
	                      what);
}

static void make_dev(const struct spec *spec)
{
	char tty[16];
	int target = resolve_or_make("/dev", FOLDER, 0);
	if (target < 0)
		fail(STAGE_MOUNT, "/dev");
	move_onto(new_tmpfs(MOUNT_ATTR_NOSUID, "755", "65536k", "/dev"), target, "/dev");
	int dev = resolve("/dev");
	if (dev < 0)
		fail(STAGE_MOUNT, "/dev");
	node(dev, "null", S_IFCHR | 0666, makedev(1, 3));
	node(dev, "zero", S_IFCHR | 0666, makedev(1, 5));
	node(dev, "full", S_IFCHR | 0666, makedev(1, 7));
	node(dev, "random", S_IFCHR | 0666, makedev(1, 8));
	node(dev, "urandom", S_IFCHR | 0666, makedev(1, 9));
	node(dev, "tty", S_IFCHR | 0666, makedev(5, 0));
	link_in(dev, "pts/ptmx", "ptmx");
	link_in(dev, "/proc/self/fd", "fd");
	link_in(dev, "/proc/self/fd/0", "stdin");
	link_in(dev, "/proc/self/fd/1", "stdout");
	link_in(dev, "/proc/self/fd/2", "stderr");
	link_in(dev, "/proc/kcore", "core");
	if (spec->flags & FLAG_PRIVILEGED)
		copy_nodes("/dev", dev, 0);
	close(dev);
	for (size_t i = 0; i < spec->device_count; i++)
		make_device(&spec->devices[i]);

	snprintf(tty, sizeof tty, "%u", owner_gid + TTY_GROUP);
	mount_new("devpts", "/dev/pts", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC,
	          (const char *[]){"ptmxmode", "0666", "mode", "0620", "gid", tty, NULL});
	mount_new("mqueue", "/dev/mqueue", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, NULL);
	int shm = resolve_or_make("/dev/shm", FOLDER, 0);
	if (shm < 0)
		fail(STAGE_MOUNT, "/dev/shm");
	close(shm);
}

static void make_kernel_trees(const struct spec *spec)
{
	unsigned safe = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
	unsigned readonly = spec->flags & FLAG_PRIVILEGED ? 0 : MOUNT_ATTR_RDONLY;

	mount_new("proc", "/proc", safe, NULL);
	make_dev(spec);
	mount_new("sysfs", "/sys", safe | readonly, NULL);
	mount_new("cgroup2", "/sys/fs/cgroup", safe | readonly, NULL);
}

static void mount_tmpfs(const struct mount_spec *mount)
{
	char size[32];
	snprintf(size, sizeof size, "%llu", (unsigned long long)mount->bytes);
	unsigned attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
	if (mount->flags & MOUNT_READONLY)
		attributes |= MOUNT_ATTR_RDONLY;

	int target = resolve_or_make(mount->destination, FOLDER, 0);
	if (target < 0)
		fail(STAGE_MOUNT, mount->destination);
	refuse_proc(target, mount->destination);
	move_onto(new_tmpfs(attributes, "1777", mount->bytes ? size : NULL, mount->destination), target,
	          mount->destination);
}

static void mount_bind(const struct mount_spec *mount)
{
	/* The source is the agent's path; what lies at its end belongs to the pod, so no link is followed. */
	int source = open_in(AT_FDCWD, mount->source, O_PATH, RESOLVE_NO_SYMLINKS);
	struct stat st;
	if (source < 0 || fstat(source, &st))
		fail(STAGE_MOUNT, mount->source);
	int target = resolve_or_make(mount->destination, S_ISDIR(st.st_mode) ? FOLDER : FILE_, 0);
	if (target < 0)
		fail(STAGE_MOUNT, mount->destination);
	refuse_proc(target, mount->destination);
	int tree = clone_tree(source, AT_RECURSIVE, mount->source);
	set_attributes(tree,
	               (struct mount_attr){
	                   .attr_set = mount->flags & MOUNT_READONLY ? MOUNT_ATTR_RDONLY : 0,
	                   .propagation = mount->flags & MOUNT_SLAVE ? MS_SLAVE : MS_PRIVATE,
	               },
	               mount->destination);
	close(source);
	move_onto(tree, target, mount->destination);
}

static void mask(const char *path)
{
	struct stat st;
	int target = resolve(path);
	if (target < 0 && (errno == ENOENT || errno == ENOTDIR))
		return;
	if (target < 0 || fstat(target, &st))
		fail(STAGE_MOUNT, path);
	if (S_ISDIR(st.st_mode)) {
		move_onto(new_filesystem("tmpfs", MOUNT_ATTR_RDONLY, (const char *[]){"size", "4k", NULL}, path), target,
		          path);
		return;
	}
	int null = resolve("/dev/null");
	if (null < 0)
		fail(STAGE_MOUNT, "/dev/null");
	int tree = clone_tree(null, 0, path);
	close(null);
	move_onto(tree, target, path);
}

static void make_readonly(const char *path)
{
	int target = resolve(path);
	if (target < 0 && (errno == ENOENT || errno == ENOTDIR))
		return;
	if (target < 0)
		fail(STAGE_MOUNT, path);
	int tree = clone_tree(target, AT_RECURSIVE, path);
	set_attributes(tree, (struct mount_attr){.attr_set = MOUNT_ATTR_RDONLY}, path);
	move_onto(tree, target, path);
}

static void pivot_into(int root)
{
	/* The old root ends up on top of the new one, and from there it is dropped. */
	if (fchdir(root) || syscall(SYS_pivot_root, ".", ".") || umount2(".", MNT_DETACH) || chdir("/"))
		fail(STAGE_ROOT, "pivot_root");
	close(root);
}

void rootfs_enter(const struct spec *spec)
{
	umask(0);
	owner_uid = spec->users.uid;
	owner_gid = spec->users.gid;
	/* Slave, not private: binds that shall see later mounts of the agent are copies of these. */
	if (mount("", "/", NULL, MS_REC | MS_SLAVE, NULL))
		fail(STAGE_ROOT, "/");
	if (mount(spec->root, spec->root, NULL, MS_BIND | MS_REC, NULL))
		fail(STAGE_ROOT, spec->root);
	root_fd = open(spec->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root_fd < 0)
		fail(STAGE_ROOT, spec->root);

	make_kernel_trees(spec);
	for (size_t i = 0; i < spec->mount_count; i++) {
		if (spec->mounts[i].kind == MOUNT_TMPFS)
			mount_tmpfs(&spec->mounts[i]);
		else
			mount_bind(&spec->mounts[i]);
	}
	/* Before the root may become read-only. */
	int cwd = resolve_or_make(spec->cwd, FOLDER, 0);
	if (cwd < 0)
		fail(STAGE_WORKING_DIR, spec->cwd);
	close(cwd);
	for (size_t i = 0; i < spec->readonly.count; i++)
		make_readonly(spec->readonly.items[i]);
	for (size_t i = 0; i < spec->masked.count; i++)
		mask(spec->masked.items[i]);

	pivot_into(root_fd);
	root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root_fd < 0)
		fail(STAGE_ROOT, "/");
	if (spec->flags & FLAG_READONLY_ROOT) {
		struct mount_attr attributes = {.attr_set = MOUNT_ATTR_RDONLY};
		if (mount_setattr(root_fd, "", AT_EMPTY_PATH, &attributes, sizeof attributes))
			fail(STAGE_ROOT, "read-only root");
	}
	umask(022);
}

void rootfs_enter_empty(void)
{
	if (mount("", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("tmpfs", "/proc", "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=4k"))
		fail(STAGE_ROOT, "/proc");
	int root = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		fail(STAGE_ROOT, "/proc");
	pivot_into(root);
}

void rootfs_bind_file(const char *path, const char *target_path, enum stage stage)
{
	int source = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	int target = resolve_or_make(target_path, FILE_, 0);
	if (source < 0 || target < 0)
		fail(stage, target_path);
	int tree = clone_tree(source, 0, target_path);
	close(source);
	move_onto(tree, target, target_path);
}
