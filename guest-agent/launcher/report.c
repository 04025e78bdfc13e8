#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "launch.h"

int status_fd = -1;

/* Nobody is left to tell when this fails; the agent sees the pipe's end instead. Below PIPE_BUF it is atomic. */
static void send_message(const void *message, size_t length)
{
	ssize_t written;
	do
		written = write(status_fd, message, length);
	while (written < 0 && errno == EINTR);
}

_Noreturn void fail_with(enum stage stage, int error, const char *detail)
{
	unsigned char message[8 + 1024];
	uint32_t number = (uint32_t)error;
	size_t length = strnlen(detail, 1024);
	uint16_t short_length = (uint16_t)length;

	message[0] = 'E';
	message[1] = (unsigned char)stage;
	memcpy(message + 2, &number, 4);
	memcpy(message + 6, &short_length, 2);
	memcpy(message + 8, detail, length);
	send_message(message, 8 + length);
	_exit(127);
}

_Noreturn void fail(enum stage stage, const char *detail)
{
	fail_with(stage, errno, detail);
}

void report_pid(uint32_t pid)
{
	unsigned char message[5] = {'P'};
	memcpy(message + 1, &pid, 4);
	send_message(message, sizeof message);
}

void report_ready(int32_t master_fd)
{
	unsigned char message[5] = {'R'};
	memcpy(message + 1, &master_fd, 4);
	send_message(message, sizeof message);
}
