// The agent's way into the kernel: two native methods of dev.hull.agent.linux.Libc. Java's own way
// (FFM) builds the like at run time, which costs a second of each emulated boot.
//
// Written without jni.h, which belongs to a JDK: neither method touches its environment or class.

#define _GNU_SOURCE

#include <errno.h>
#include <spawn.h>
#include <stdint.h>
#include <unistd.h>

// What a native method gets before its arguments.
#define JNI void *environment, void *class
#define UNUSED (void)environment, (void)class

// The kernel's answer; an error as its negative number, whatever else the thread does to errno.
int64_t Java_dev_hull_agent_linux_Libc_call(JNI, int64_t number, int64_t a, int64_t b, int64_t c,
                                            int64_t d, int64_t e, int64_t f) {
    UNUSED;
    int64_t result = syscall(number, a, b, c, d, e, f);
    return result == -1 ? -errno : result;
}

// posix_spawn with neither file actions nor attributes: the process, or an error's negative number.
int32_t Java_dev_hull_agent_linux_Libc_spawn(JNI, int64_t program, int64_t arguments,
                                             int64_t variables) {
    UNUSED;
    pid_t process;
    int error = posix_spawn(&process, (const char *)(intptr_t)program, NULL, NULL,
                            (char *const *)(intptr_t)arguments, (char *const *)(intptr_t)variables);
    return error == 0 ? process : -error;
}
