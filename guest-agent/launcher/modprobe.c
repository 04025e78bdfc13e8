// What the kernel runs when something asks for a module that is not loaded: "modprobe -q -- NAME".
// NAME is a module's name or one of its aliases. Reads /lib/modules/on-demand, a line for each:
//
//     bridge stp.ko llc.ko bridge.ko
//     rtnl-link-bridge stp.ko llc.ko bridge.ko
//
// the name, which may be a pattern as fnmatch(3) has it, and the files in /lib/modules in loading
// order. Dashes and underscores are the same. Whoever asks is told nothing but whether it worked,
// so there is nothing to print.

#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TABLE "/lib/modules/on-demand"

static void without_dashes(char *name) {
    for (; *name != 0; name++) {
        if (*name == '-') *name = '_';
    }
}

static bool load(const char *file) {
    char path[512];
    snprintf(path, sizeof path, "/lib/modules/%s", file);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    bool loaded = syscall(SYS_finit_module, fd, "", 0) == 0 || errno == EEXIST;
    close(fd);
    return loaded;
}

static bool load_all(char *files) {
    for (char *file; (file = strsep(&files, " ")) != NULL;) {
        if (*file != 0 && !load(file)) return false;
    }
    return true;
}

int main(int count, char **arguments) {
    if (count < 2) return EXIT_FAILURE;
    char *wanted = arguments[count - 1];
    without_dashes(wanted);
    FILE *table = fopen(TABLE, "re");
    if (table == NULL) return EXIT_FAILURE;
    bool found = false;
    bool loaded = true;
    char *line = NULL;
    size_t size = 0;
    // An alias may be that of several modules; all of them are wanted.
    for (ssize_t length; (length = getline(&line, &size, table)) > 0;) {
        if (line[length - 1] == '\n') line[length - 1] = 0;
        char *files = line;
        char *name = strsep(&files, " ");
        without_dashes(name);
        if (files != NULL && fnmatch(name, wanted, 0) == 0) {
            found = true;
            loaded = load_all(files) && loaded;
        }
    }
    return found && loaded ? EXIT_SUCCESS : EXIT_FAILURE;
}
