/*
 * The pod's user namespace, if it has one. A container's process enters it last: what comes before, from cgroups to
 * mounts, wants the agent's rights. So whatever is made for the container until then is given to its root by number.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launch.h"

void users_open(struct spec *spec)
{
	if (!spec->users.namespace)
		return;
	spec->users.fd = open(spec->users.namespace, O_RDONLY | O_CLOEXEC);
	spec->users.network_fd = open(spec->users.network, O_RDONLY | O_CLOEXEC);
	if (spec->users.fd < 0 || spec->users.network_fd < 0)
		fail(STAGE_NAMESPACES, "user");
}

void users_enter_network(const struct spec *spec)
{
	if (spec->users.namespace && setns(spec->users.network_fd, CLONE_NEWNET))
		fail(STAGE_NAMESPACES, "network");
}

/* A namespace belongs to the user namespace of its maker, hence a child that goes there and makes one. */
void users_unshare_mounts(const struct spec *spec)
{
	int made[2];
	int child_fd = -1;
	struct clone_args args = {.flags = CLONE_PIDFD, .pidfd = (uintptr_t)&child_fd, .exit_signal = SIGCHLD};
	char byte = 0;

	if (pipe2(made, O_CLOEXEC))
		fail(STAGE_NAMESPACES, "mount");
	pid_t child = (pid_t)syscall(SYS_clone3, &args, sizeof args);
	if (child < 0)
		fail(STAGE_NAMESPACES, "mount");
	if (child == 0) {
		if (setns(spec->users.fd, CLONE_NEWUSER) || unshare(CLONE_NEWNS))
			byte = (char)errno;
		if (write(made[1], &byte, 1) == 1)
			pause();
		_exit(1);
	}
	close(made[1]);
	if (read(made[0], &byte, 1) != 1)
		fail_with(STAGE_NAMESPACES, ECHILD, "mount");
	close(made[0]);
	if (byte)
		fail_with(STAGE_NAMESPACES, byte, "mount");
	if (setns(child_fd, CLONE_NEWNS))
		fail(STAGE_NAMESPACES, "mount");
	close(child_fd);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

void users_enter(const struct spec *spec)
{
	if (spec->users.namespace && setns(spec->users.fd, CLONE_NEWUSER))
		fail(STAGE_NAMESPACES, "user");
}
