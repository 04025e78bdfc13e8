// becomes the agent. Every wait has a deadline; whatever fails ends the machine with the reason on
// the console, for a guest that hangs costs the host its whole start deadline.
//
// Reads /modules.list of the initramfs (a file name a line, in loading order, an empty line between
// those that the root image needs and the rest) and /hull/agent.args of the root image (the agent's
// command, an argument a line).

#define _GNU_SOURCE

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

// Controller 0, target 0, unit 0: where the host puts the root image.
#define ROOT_DISK_DIR "/sys/bus/scsi/devices/0:0:0:0/block"
#define ROOT_DISK_DEADLINE_MILLIS 20000
#define MAX_ARGUMENTS 64
#define MAX_FILE 65536
#define DESCRIPTORS 1048576

static char boot_steps[256] = "HULL_BOOT_STEPS=";
static char modules_pipe[64];

static long boot_millis(void) {
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// Kept for the agent, which tells the host: "name=millis,name=millis".
static void step(const char *name) {
    size_t used = strlen(boot_steps);
    const char *comma = boot_steps[used - 1] == '=' ? "" : ",";
    snprintf(boot_steps + used, sizeof boot_steps - used, "%s%s=%ld", comma, name, boot_millis());
}

__attribute__((noreturn, format(printf, 1, 2))) static void fail(const char *format, ...) {
    int error = errno;
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "hull-init: cannot ");
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    if (error != 0) fprintf(stderr, ": %s", strerror(error));
    fprintf(stderr, "; the machine ends\n");
    fflush(stderr);
    tcdrain(STDERR_FILENO);
    reboot(RB_POWER_OFF);
    // Without ACPI the end of PID 1 does it: the kernel panics and reboots.
    _exit(1);
}

static void mount_or_fail(const char *source, const char *target, const char *type,
                          unsigned long flags) {
    if (mount(source, target, type, flags, NULL) != 0) fail("mount %s on %s", source, target);
}

static void read_file(const char *path, char *buffer, size_t size) {
    errno = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) fail("open %s", path);
    size_t length = 0;
    ssize_t count;
    while ((count = read(fd, buffer + length, size - 1 - length)) > 0) length += (size_t)count;
    if (count < 0) fail("read %s", path);
    if (length == size - 1) {
        errno = EFBIG;
        fail("read %s", path);
    }
    buffer[length] = 0;
    close(fd);
}

static void load_module(const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) fail("open module %s", path);
    if (syscall(SYS_finit_module, fd, "", 0) != 0 && errno != EEXIST) fail("load module %s", path);
    close(fd);
    // It is in the kernel now; the initramfs is memory.
    unlink(path);
}

// Loads up to the next empty line, or to the end.
static void load_modules(char **list) {
    for (char *name; (name = strsep(list, "\n")) != NULL && *name != 0;) {
        char path[512];
        snprintf(path, sizeof path, "/modules/%s", name);
        load_module(path);
    }
}

// What the root image does not need is loaded beside the JVM's start, on another CPU. The agent
// knows that all are there by the end of the pipe that it gets by number.
static void load_modules_aside(char **list) {
    int done[2];
    if (pipe(done) != 0) fail("make a pipe");
    pid_t child = fork();
    if (child < 0) fail("fork");
    if (child == 0) {
        close(done[0]);
        load_modules(list);
        unlink("/modules.list");
        rmdir("/modules");
        _exit(0);
    }
    close(done[1]);
    snprintf(modules_pipe, sizeof modules_pipe, "HULL_MODULES_PIPE=%d", done[0]);
}

static int open_uevents(void) {
    struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = 1};
    int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);
    if (fd < 0) fail("open the kernel's event socket");
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0) fail("bind the event socket");
    return fd;
}

static bool find_root_disk(char *device, size_t size) {
    DIR *dir = opendir(ROOT_DISK_DIR);
    if (dir == NULL) return false;
    bool found = false;
    for (struct dirent *entry; !found && (entry = readdir(dir)) != NULL;) {
        if (entry->d_name[0] == '.') continue;
        snprintf(device, size, "/dev/%s", entry->d_name);
        found = access(device, F_OK) == 0;
    }
    closedir(dir);
    return found;
}

// The bus is scanned by a kernel thread; an event tells when something has come.
static void await_root_disk(int uevents, char *device, size_t size) {
    long deadline = boot_millis() + ROOT_DISK_DEADLINE_MILLIS;
    while (!find_root_disk(device, size)) {
        long left = deadline - boot_millis();
        if (left <= 0) {
            errno = 0;
            fail("find the root disk (SCSI 0:0:0:0) within %d ms", ROOT_DISK_DEADLINE_MILLIS);
        }
        struct pollfd wait = {.fd = uevents, .events = POLLIN};
        poll(&wait, 1, (int)(left < 100 ? left : 100));
        char event[8192];
        while (recv(uevents, event, sizeof event, 0) > 0) {
        }
    }
    close(uevents);
}

static void switch_root(void) {
    mount_or_fail("/dev", "/root/dev", NULL, MS_MOVE);
    mount_or_fail("/proc", "/root/proc", NULL, MS_MOVE);
    mount_or_fail("/sys", "/root/sys", NULL, MS_MOVE);
    unlink("/init");
    if (chdir("/root") != 0) fail("enter the root image");
    mount_or_fail(".", "/", NULL, MS_MOVE);
    if (chroot(".") != 0 || chdir("/") != 0) fail("change the root");
}

static void protect(void) {
    // The agent must be the last to go: its end is the machine's.
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, "-1000", 5) != 5) fail("set the agent's oom_score_adj");
    close(fd);
    // Containers inherit this; runtimes give theirs the same.
    struct rlimit descriptors = {.rlim_cur = DESCRIPTORS, .rlim_max = DESCRIPTORS};
    if (setrlimit(RLIMIT_NOFILE, &descriptors) != 0) fail("raise the limit of descriptors");
}

static void become_agent(void) {
    static char text[MAX_FILE];
    read_file("/hull/agent.args", text, sizeof text);
    char *arguments[MAX_ARGUMENTS + 1];
    int count = 0;
    char *rest = text;
    for (char *argument; (argument = strsep(&rest, "\n")) != NULL;) {
        if (*argument == 0) continue;
        if (count == MAX_ARGUMENTS) {
            errno = E2BIG;
            fail("start the agent with more than %d arguments", MAX_ARGUMENTS);
        }
        arguments[count++] = argument;
    }
    arguments[count] = NULL;
    errno = 0;
    if (count == 0) fail("start the agent: /hull/agent.args is empty");
    step("jvm");
    // Without a UTF-8 locale the JVM cannot name files that are not ASCII.
    char *environment[] = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                           "LC_ALL=C.UTF-8", "HOME=/", boot_steps, modules_pipe, NULL};
    execve(arguments[0], arguments, environment);
    fail("execute %s", arguments[0]);
}

// A request to the disk costs an exit to the host whatever its size, and the JVM's start reads tens
// of megabytes in a row. Slower without it, so no failure.
static void read_ahead(const char *device) {
    char path[512];
    snprintf(path, sizeof path, "/sys/block/%s/queue/read_ahead_kb", strrchr(device, '/') + 1);
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0) return;
    if (write(file, "2048", 4) < 0) fprintf(stderr, "hull-init: %s stays as it is\n", path);
    close(file);
}

int main(void) {
    static char modules[MAX_FILE];
    char device[512];
    if (getpid() != 1) {
        fprintf(stderr, "hull-init: runs only as the first process of a guest\n");
        return 1;
    }
    step("init");
    // The first line in userspace; hull bench waits for it.
    fprintf(stderr, "hull-init: started\n");
    mkdir("/proc", 0755);
    mkdir("/sys", 0755);
    mkdir("/dev", 0755);
    mkdir("/root", 0755);
    mount_or_fail("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC);
    mount_or_fail("sysfs", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC);
    mount_or_fail("devtmpfs", "/dev", "devtmpfs", MS_NOSUID | MS_NOEXEC);
    int uevents = open_uevents();
    read_file("/modules.list", modules, sizeof modules);
    char *left = modules;
    load_modules(&left);
    step("modules");
    load_modules_aside(&left);
    await_root_disk(uevents, device, sizeof device);
    read_ahead(device);
    mount_or_fail(device, "/root", "erofs", MS_RDONLY | MS_NODEV);
    step("root");
    switch_root();
    protect();
    become_agent();
}
