/* A terminal of the container's own devpts, so that ttyname() works inside. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/statfs.h>
#include <termios.h>
#include <unistd.h>

#include "launch.h"

#ifndef TIOCGPTPEER
#define TIOCGPTPEER _IO('T', 0x41)
#endif

int terminal_open(const struct spec *spec)
{
	struct statfs fs;
	unsigned number;
	int unlock = 0;

	int master = open("/dev/pts/ptmx", O_RDWR | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC);
	if (master < 0)
		fail(STAGE_TERMINAL, "/dev/pts/ptmx");
	/* In a running container anything may lie there; the agent reads from it, so it must be a terminal. */
	if (fstatfs(master, &fs) || fs.f_type != DEVPTS_SUPER_MAGIC)
		fail_with(STAGE_TERMINAL, ENOTTY, "/dev/pts/ptmx");
	if (ioctl(master, TIOCSPTLCK, &unlock) || ioctl(master, TIOCGPTN, &number))
		fail(STAGE_TERMINAL, "/dev/pts/ptmx");
	int slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0 || dup2(slave, 0) < 0 || dup2(slave, 1) < 0 || dup2(slave, 2) < 0)
		fail(STAGE_TERMINAL, "/dev/pts");
	close(slave);
	if (ioctl(0, TIOCSCTTY, 0))
		fail(STAGE_TERMINAL, "controlling terminal");
	if (spec->mode == MODE_CREATE) {
		char path[32];
		snprintf(path, sizeof path, "/dev/pts/%u", number);
		rootfs_bind_file(path, "/dev/console", STAGE_TERMINAL);
	}
	return master;
}
