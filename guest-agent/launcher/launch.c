/*
 * launch SPEC STATUS STDIN STDOUT STDERR PIDFD (numbers of descriptors; -1 for /dev/null, or none): does what cannot be done in a JVM between fork and exec.
 *
 *   agent ──posix_spawn──▶ launch (1) ──clone(CLONE_PARENT)──▶ launch (2) ──exec──▶ the container's program
 *                             │ enters the PID namespace,          │ cgroup, other namespaces, mounts,
 *                             │ tells (2)'s pid, exits             │ terminal, rights
 *
 * A process never changes its own PID namespace, hence (2); CLONE_PARENT makes it the agent's child, so that the
 * agent gets its exit status. Standard input, output and error are the program's from the start: nothing here
 * writes to them. The descriptors come by inheritance, so that the agent needs no file actions of posix_spawn.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launch.h"

#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

extern char **environ;

/*
 * The JVM leaves ignored signals and a mask behind. Not by signal(3): the C library keeps two signals to itself,
 * and those are inherited as well.
 */
static void reset_signals(void)
{
	struct {
		void (*handler)(int);
		unsigned long flags;
		void (*restorer)(void);
		uint64_t mask;
	} standard = {.handler = SIG_DFL};
	uint64_t none = 0;

	for (int number = 1; number <= 64; number++)
		syscall(SYS_rt_sigaction, number, &standard, NULL, sizeof none);
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, sizeof none);
}

/* Closes all that was inherited but these. The JVM does not mark everything it opens, and the agent spawns from
 * several threads, so that strangers' pipes may be among them. */
static void close_others(const int *kept, int count)
{
	unsigned next = 0;
	for (;;) {
		unsigned lowest = ~0u;
		for (int i = 0; i < count; i++)
			if (kept[i] >= (int)next && (unsigned)kept[i] < lowest)
				lowest = (unsigned)kept[i];
		if (lowest > next)
			close_range(next, lowest == ~0u ? lowest : lowest - 1, 0);
		if (lowest == ~0u)
			return;
		next = lowest + 1;
	}
}

/* Numbers 0 to 2 are free now: nothing that was kept is below 3. */
static void place_stdio(const int *wanted)
{
	for (int fd = 0; fd < 3; fd++) {
		if (wanted[fd] < 0) {
			int null = open("/dev/null", O_RDWR | O_CLOEXEC);
			if (null < 0 || (null != fd && dup2(null, fd) < 0))
				fail(STAGE_SPEC, "/dev/null");
			if (null == fd)
				fcntl(fd, F_SETFD, 0);
			else
				close(null);
		} else if (dup2(wanted[fd], fd) < 0) {
			fail(STAGE_SPEC, "standard streams");
		}
	}
	for (int fd = 0; fd < 3; fd++)
		if (wanted[fd] > 2)
			close(wanted[fd]);
}

static void write_file(const char *path, const char *content, enum stage stage)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, content, strlen(content)) < 0)
		fail(stage, path);
	close(fd);
}

static void join_cgroup(const struct spec *spec)
{
	char path[4200];
	if (!spec->cgroup)
		return;
	if ((size_t)snprintf(path, sizeof path, "%s/cgroup.procs", spec->cgroup) >= sizeof path)
		fail_with(STAGE_CGROUP, ENAMETOOLONG, spec->cgroup);
	write_file(path, "0", STAGE_CGROUP);
}

static void set_oom_score(int score)
{
	char text[16];
	int fd = open("/proc/self/oom_score_adj", O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	if (length < 0)
		fail(STAGE_CGROUP, "oom_score_adj");
	close(fd);
	text[length] = 0;
	if (atoi(text) == score)
		return;
	snprintf(text, sizeof text, "%d", score);
	write_file("/proc/self/oom_score_adj", text, STAGE_CGROUP);
}

/* The pipe's end is the agent's word that it knows the process and has taken the terminal. */
static void await_go(int spec_fd)
{
	char byte;
	ssize_t got;
	do
		got = read(spec_fd, &byte, 1);
	while (got < 0 && errno == EINTR);
	if (got != 0)
		fail_with(STAGE_SPEC, EPROTO, "bytes after the specification");
	close(spec_fd);
}

static const char *search_path(const struct spec *spec)
{
	for (size_t i = 0; i < spec->env.count; i++)
		if (!strncmp(spec->env.items[i], "PATH=", 5))
			return spec->env.items[i] + 5;
	return DEFAULT_PATH;
}

static _Noreturn void exec_program(const struct spec *spec)
{
	const char *name = spec->args.items[0];
	int denied = 0;

	if (strchr(name, '/')) {
		execve(name, spec->args.items, spec->env.items);
		fail(STAGE_EXEC, name);
	}
	for (const char *at = search_path(spec); at;) {
		const char *end = strchr(at, ':');
		size_t length = end ? (size_t)(end - at) : strlen(at);
		char path[4096];
		/* An empty entry would mean the working folder: nobody wants that by accident. */
		if (length && (size_t)snprintf(path, sizeof path, "%.*s/%s", (int)length, at, name) < sizeof path) {
			execve(path, spec->args.items, spec->env.items);
			if (errno == EACCES)
				denied = 1;
			else if (errno != ENOENT && errno != ENOTDIR)
				fail(STAGE_EXEC, name);
		}
		at = end ? end + 1 : NULL;
	}
	fail_with(STAGE_EXEC, denied ? EACCES : ENOENT, name);
}

static _Noreturn void pause_process(const struct spec *spec, int spec_fd)
{
	if (unshare(CLONE_NEWNS))
		fail(STAGE_NAMESPACES, "mount");
	rootfs_enter_empty();
	if (spec->mode == MODE_USERS && unshare(CLONE_NEWUSER | CLONE_NEWNET))
		fail(STAGE_NAMESPACES, "user");
	/* Orphans of the pod are reaped by the kernel. */
	signal(SIGCHLD, SIG_IGN);
	prctl(PR_SET_NAME, "pause", 0, 0, 0);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	report_ready(-1);
	await_go(spec_fd);
	close_range(3, ~0u, 0);
	for (;;)
		pause();
}

static _Noreturn void run(const struct spec *spec, int spec_fd)
{
	int master = -1;

	if (setsid() < 0)
		fail(STAGE_NAMESPACES, "session");
	join_cgroup(spec);
	if (spec->mode == MODE_PAUSE || spec->mode == MODE_USERS)
		pause_process(spec, spec_fd);
	set_oom_score(spec->oom_score_adj);
	/* Before file systems are mounted that show it. */
	users_enter_network(spec);
	if (spec->mode == MODE_JOIN) {
		if (setns(spec->pidfd, CLONE_NEWNS | CLONE_NEWCGROUP))
			fail(STAGE_NAMESPACES, "join");
	} else {
		/* After joining the cgroup, which thereby becomes the root of the cgroup namespace. */
		if (unshare(CLONE_NEWCGROUP | (spec->users.namespace ? 0 : CLONE_NEWNS)))
			fail(STAGE_NAMESPACES, "mount and cgroup");
		if (spec->users.namespace)
			users_unshare_mounts(spec);
		rootfs_enter(spec);
	}
	umask(022);
	if (spec->flags & FLAG_TERMINAL)
		master = terminal_open(spec);
	report_ready(master);
	await_go(spec_fd);

	identity_working_dir(spec);
	close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
	identity_become(spec);
	exec_program(spec);
}

static void enter_pid_namespace(const struct spec *spec)
{
	if (spec->pidfd >= 0 ? setns(spec->pidfd, CLONE_NEWPID) : unshare(CLONE_NEWPID))
		fail(STAGE_NAMESPACES, "PID");
}

int main(int argc, char **argv)
{
	static struct spec spec;

	int inherited[6];

	if (argc != 7) {
		fputs("launch: only the agent starts this, with six descriptors\n", stderr);
		return 2;
	}
	for (int i = 0; i < 6; i++) {
		inherited[i] = atoi(argv[i + 1]);
		if (inherited[i] >= 0 && inherited[i] <= 2)
			return 2; /* they would be overwritten below */
	}
	int spec_fd = inherited[0];
	status_fd = inherited[1];
	reset_signals();
	close_others(inherited, 6);
	place_stdio(inherited + 2);
	/* The container's processes shall not look into this one, nor reach its file through /proc. */
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);

	spec_read(spec_fd, &spec);
	spec.pidfd = inherited[5];
	if (spec.mode == MODE_JOIN && spec.pidfd < 0)
		fail_with(STAGE_SPEC, EINVAL, "no process to join");
	if (spec.mode == MODE_CREATE) {
		devices_find(&spec);
		if (spec.flags & FLAG_DEVICE_FILTER && spec.cgroup)
			devices_restrict(&spec);
	}
	users_open(&spec);
	enter_pid_namespace(&spec);

	pid_t child = (pid_t)syscall(SYS_clone, CLONE_PARENT | SIGCHLD, NULL, NULL, NULL, NULL);
	if (child < 0)
		fail(STAGE_NAMESPACES, "fork");
	if (child > 0) {
		report_pid((uint32_t)child);
		_exit(0);
	}
	run(&spec, spec_fd);
}
