/*
 * The device filter of a cgroup. Making any node is allowed, for images do it (mknod of a node that cannot be
 * opened harms nobody); opening is allowed for the devices that every container has, and for those that it was
 * given. The guest's disks hold its neighbours' files, so CAP_MKNOD alone must not reach them.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
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

#define ANY (-1)
#define READ_WRITE (DEVICE_READ | DEVICE_WRITE)

static const struct {
	int major, minor;
} everyones[] = {
	{1, 3},     /* null */
	{1, 5},     /* zero */
	{1, 7},     /* full */
	{1, 8},     /* random */
	{1, 9},     /* urandom */
	{5, 0},     /* tty */
	{5, 2},     /* ptmx */
	{136, ANY}, /* pts */
};

#define EVERYONES (sizeof everyones / sizeof everyones[0])
#define HEAD 9
#define RULE 8
#define TAIL 2

struct program {
	struct bpf_insn code[HEAD + RULE * (EVERYONES + SPEC_MAX_DEVICES) + TAIL];
	uint32_t length;
};

static void add(struct program *program, const struct bpf_insn *code, size_t count)
{
	for (size_t i = 0; i < count; i++)
		program->code[program->length++] = code[i];
}

/* Lets pass what asks for no more than `access`. r2 is the type, r3 what is asked for, r4 major, r5 minor. */
static void allow(struct program *program, int type, int major, int minor, uint8_t access)
{
	int refused = (access & DEVICE_READ ? 0 : BPF_DEVCG_ACC_READ) | (access & DEVICE_WRITE ? 0 : BPF_DEVCG_ACC_WRITE);
	const struct bpf_insn rule[RULE] = {
		JUMP_NE(2, type, 7),
		JUMP_NE(4, major, 6),
		/* Compared with itself, any minor is right. */
		minor == ANY ? (struct bpf_insn){.code = BPF_JMP | BPF_JNE | BPF_X, .dst_reg = 5, .src_reg = 5, .off = 5}
		             : (struct bpf_insn)JUMP_NE(5, minor, 5),
		COPY(6, 3),
		AND(6, refused),
		JUMP_NE(6, 0, 2),
		SET(0, 1),
		RETURN,
	};
	add(program, rule, RULE);
}

static void assemble(struct program *program, const struct spec *spec)
{
	const struct bpf_insn head[HEAD] = {
		LOAD(2, access_type),
		COPY(3, 2),
		AND(2, 0xffff),
		SHIFT_RIGHT(3, 16),
		LOAD(4, major),
		LOAD(5, minor),
		JUMP_NE(3, BPF_DEVCG_ACC_MKNOD, 2), SET(0, 1), RETURN,
	};
	const struct bpf_insn tail[TAIL] = {SET(0, 0), RETURN};

	add(program, head, HEAD);
	for (size_t i = 0; i < EVERYONES; i++)
		allow(program, BPF_DEVCG_DEV_CHAR, everyones[i].major, everyones[i].minor, READ_WRITE);
	for (size_t i = 0; i < spec->device_count; i++) {
		const struct device_spec *device = &spec->devices[i];
		allow(program, device->type == S_IFBLK ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR, (int)device->major,
		      (int)device->minor, device->access);
	}
	add(program, tail, TAIL);
}

#define MODPROBE "/sbin/modprobe"

/* Devices that come with a module, and are there only once it is. A machine is made for one of KVM's two at most. */
static const struct {
	const char *device, *module;
} on_demand[] = {
	{"/dev/net/tun", "tun"},
	{"/dev/kvm", "kvm_amd"},
	{"/dev/kvm", "kvm_intel"},
};

/* Whether it came is seen by who looks for the device. */
static void load(const char *module)
{
	pid_t helper = fork();
	if (helper == 0) {
		close_range(3, ~0u, 0);
		execl(MODPROBE, "modprobe", "-q", "--", module, (char *)NULL);
		_exit(127);
	}
	while (helper > 0 && waitpid(helper, NULL, 0) < 0 && errno == EINTR)
		;
}

/* Makes the device appear, if it is one that can; any for NULL. */
static void provide(const char *device)
{
	for (size_t i = 0; i < sizeof on_demand / sizeof on_demand[0]; i++)
		if ((!device || !strcmp(device, on_demand[i].device)) && access(on_demand[i].device, F_OK))
			load(on_demand[i].module);
}

void devices_find(struct spec *spec)
{
	if (spec->flags & FLAG_PRIVILEGED)
		provide(NULL);
	for (size_t i = 0; i < spec->device_count; i++) {
		struct device_spec *device = &spec->devices[i];
		struct stat st;
		provide(device->guest_path);
		if (stat(device->guest_path, &st))
			fail(STAGE_DEVICES, device->guest_path);
		if (!S_ISCHR(st.st_mode) && !S_ISBLK(st.st_mode))
			fail_with(STAGE_DEVICES, ENODEV, device->guest_path);
		device->type = st.st_mode & S_IFMT;
		device->major = major(st.st_rdev);
		device->minor = minor(st.st_rdev);
	}
}

void devices_restrict(const struct spec *spec)
{
	struct program program = {.length = 0};
	assemble(&program, spec);
	union bpf_attr load = {
		.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE,
		.insn_cnt = program.length,
		.insns = (uintptr_t)program.code,
		.license = (uintptr_t) "GPL",
	};
	int filter = (int)syscall(SYS_bpf, BPF_PROG_LOAD, &load, sizeof load);
	if (filter < 0)
		fail(STAGE_DEVICES, "load");
	int folder = open(spec->cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		fail(STAGE_DEVICES, spec->cgroup);
	union bpf_attr attach = {
		.target_fd = (uint32_t)folder,
		.attach_bpf_fd = (uint32_t)filter,
		.attach_type = BPF_CGROUP_DEVICE,
		/* A runtime inside of the container may narrow it further for its own cgroups. */
		.attach_flags = BPF_F_ALLOW_MULTI,
	};
	if (syscall(SYS_bpf, BPF_PROG_ATTACH, &attach, sizeof attach))
		fail(STAGE_DEVICES, spec->cgroup);
	close(filter);
	close(folder);
}
