/* The launcher's parts. Each reports by itself and exits when something fails; see spec.h for the words. */
#ifndef HULL_LAUNCH_H
#define HULL_LAUNCH_H

#include "spec.h"

/* report.c */
extern int status_fd;
/* Reports stage and errno with what it was about (may be empty), and exits. */
_Noreturn void fail(enum stage stage, const char *detail);
_Noreturn void fail_with(enum stage stage, int error, const char *detail);
void report_pid(uint32_t pid);
void report_ready(int32_t master_fd);

/* rootfs.c: leaves the process in the container's root. */
void rootfs_enter(const struct spec *spec);
/* An empty, read-only root for the pause process. */
void rootfs_enter_empty(void);
/* Mounts the file at `path` over the file `target`, both in the present root. */
void rootfs_bind_file(const char *path, const char *target, enum stage stage);

/* terminal.c: a new terminal becomes standard input, output and error; returns its master. */
int terminal_open(const struct spec *spec);

/* users.c: all but users_unshare_mounts do nothing where there is no user namespace. */
/* Opens the namespaces' files, in the agent's file tree. */
void users_open(struct spec *spec);
/* Where the pod's network is. */
void users_enter_network(const struct spec *spec);
/* Enters a new mount namespace, which belongs to the user namespace. */
void users_unshare_mounts(const struct spec *spec);
/* The last of the namespaces: from now on the process has no rights outside. */
void users_enter(const struct spec *spec);

/* identity.c */
void identity_working_dir(const struct spec *spec);
/* Limits, user, groups, capabilities, seccomp: after it the process has the container's rights only. */
void identity_become(const struct spec *spec);

/* devices.c */
/* Finds what kind of device each is, and has modules loaded that bring some; in the agent's file tree. */
void devices_find(struct spec *spec);
/* Only the devices that every container has, and those of the specification, may be opened in its cgroup. */
void devices_restrict(const struct spec *spec);

#endif
