/*
 * The device filter of a cgroup. Making any node is allowed, for images do it (mknod of a node that cannot be
 * opened harms nobody); opening is allowed for the devices that every container has. The guest's disks hold its
 * neighbours' files, so CAP_MKNOD alone must not reach them.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/bpf.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launch.h"

#define LOAD(dst, field) \
	{.code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = (dst), .src_reg = 1, .off = offsetof(struct bpf_cgroup_dev_ctx, field)}
#define JUMP_NE(reg, value, skip) {.code = BPF_JMP | BPF_JNE | BPF_K, .dst_reg = (reg), .off = (skip), .imm = (value)}
#define SET(reg, value) {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = (reg), .imm = (value)}
#define COPY(dst, src) {.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = (dst), .src_reg = (src)}
#define AND(reg, value) {.code = BPF_ALU64 | BPF_AND | BPF_K, .dst_reg = (reg), .imm = (value)}
#define SHIFT_RIGHT(reg, by) {.code = BPF_ALU64 | BPF_RSH | BPF_K, .dst_reg = (reg), .imm = (by)}
#define RETURN {.code = BPF_JMP | BPF_EXIT}

/* r2 type, r3 access, r4 major, r5 minor */
#define ALLOW_CHARACTER(major, minor) JUMP_NE(4, major, 3), JUMP_NE(5, minor, 2), SET(0, 1), RETURN
#define ALLOW_CHARACTER_MAJOR(major) JUMP_NE(4, major, 2), SET(0, 1), RETURN

static const struct bpf_insn program[] = {
	LOAD(2, access_type),
	COPY(3, 2),
	AND(2, 0xffff),
	SHIFT_RIGHT(3, 16),
	LOAD(4, major),
	LOAD(5, minor),
	JUMP_NE(3, BPF_DEVCG_ACC_MKNOD, 2), SET(0, 1), RETURN,
	JUMP_NE(2, BPF_DEVCG_DEV_CHAR, 31),
	ALLOW_CHARACTER(1, 3),      /* null */
	ALLOW_CHARACTER(1, 5),      /* zero */
	ALLOW_CHARACTER(1, 7),      /* full */
	ALLOW_CHARACTER(1, 8),      /* random */
	ALLOW_CHARACTER(1, 9),      /* urandom */
	ALLOW_CHARACTER(5, 0),      /* tty */
	ALLOW_CHARACTER(5, 2),      /* ptmx */
	ALLOW_CHARACTER_MAJOR(136), /* pts */
	SET(0, 0), RETURN,
};

void devices_restrict(const char *cgroup)
{
	union bpf_attr load = {
		.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE,
		.insn_cnt = sizeof program / sizeof program[0],
		.insns = (uintptr_t)program,
		.license = (uintptr_t) "GPL",
	};
	int filter = (int)syscall(SYS_bpf, BPF_PROG_LOAD, &load, sizeof load);
	if (filter < 0)
		fail(STAGE_DEVICES, "load");
	int folder = open(cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		fail(STAGE_DEVICES, cgroup);
	union bpf_attr attach = {
		.target_fd = (uint32_t)folder,
		.attach_bpf_fd = (uint32_t)filter,
		.attach_type = BPF_CGROUP_DEVICE,
		/* A runtime inside of the container may narrow it further for its own cgroups. */
		.attach_flags = BPF_F_ALLOW_MULTI,
	};
	if (syscall(SYS_bpf, BPF_PROG_ATTACH, &attach, sizeof attach))
		fail(STAGE_DEVICES, cgroup);
	close(filter);
	close(folder);
}
