package dev.hull.tests.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hull.vm.template.Template;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class QemuCommandTest {
  @TempDir private Path folder;

  private static List<String> machine(String... further) {
    List<String> words =
        new ArrayList<>(
            List.of(
                "/usr/bin/qemu-system-x86_64",
                "-name",
                "guest=hull-1",
                "-S",
                "-object",
                "{\"qom-type\":\"secret\",\"id\":\"masterKey0\"}",
                "-machine",
                "pc-q35-7.2,usb=off,memory-backend=pc.ram",
                "-object",
                "{\"qom-type\":\"memory-backend-memfd\",\"id\":\"pc.ram\",\"share\":true}",
                "-no-user-config",
                "-chardev",
                "socket,id=charmonitor,fd=3,server=on,wait=off",
                "-mon",
                "chardev=charmonitor",
                "-chardev",
                "socket,id=charserial0,fd=4,server=on,wait=off",
                "-chardev",
                "socket,id=charchannel0,fd=5,server=on,wait=off"));
    words.addAll(List.of(further));
    words.add("");
    return words;
  }

  @Test
  void aloneItHasNothingOfLibvirtAndLeadsNowhereElse() throws IOException {
    assertThat(QemuCommand.parse(machine()).alone(folder).words())
        .containsExactly(
            "/usr/bin/qemu-system-x86_64",
            "-machine",
            "pc-q35-7.2,usb=off,memory-backend=pc.ram",
            "-object",
            "{\"qom-type\":\"memory-backend-memfd\",\"id\":\"pc.ram\",\"share\":true}",
            "-no-user-config",
            "-chardev",
            "stdio,signal=off,id=charserial0",
            "-chardev",
            "socket,server=on,wait=off,id=charchannel0,path="
                + folder.resolve("charchannel0.sock"));
  }

  @Test
  void aScratchDiskIsReplacedByAnEmptyOneOfItsSize() throws IOException {
    Path scratch = folder.resolve("pod-scratch.img");
    Files.write(scratch, new byte[5000]);
    QemuCommand alone =
        QemuCommand.parse(
                machine("-blockdev", "{\"driver\":\"file\",\"filename\":\"" + scratch + "\"}"))
            .alone(folder);
    Path own = folder.resolve("scratch");
    assertThat(alone.words()).contains("{\"driver\":\"file\",\"filename\":\"" + own + "\"}");
    assertThat(own).hasSize(5000);
  }

  @Test
  void aRawRestoreKeepsWhatTheStateNeedsAndHasAMemoryOfItsOwn() throws IOException {
    RawRestore raw =
        RawRestore.like(
            QemuCommand.parse(
                machine(
                    "-object",
                    "memory-backend-file,id=hull-memory,share=on,size=512M,mem-path=/dev/shm/hull/hull-1",
                    "-machine",
                    "memory-backend=hull-memory",
                    "-incoming",
                    "defer")),
            new Template(folder.resolve("template")),
            folder);
    assertThat(raw.command().words())
        .containsExactly(
            "/usr/bin/qemu-system-x86_64",
            "-machine",
            "pc-q35-7.2,usb=off",
            "-no-user-config",
            "-chardev",
            "stdio,signal=off,id=charserial0",
            "-chardev",
            "socket,server=on,wait=off,id=charchannel0,path=" + folder.resolve("charchannel0.sock"),
            "-object",
            "memory-backend-file,id=hull-memory,share=on,size=512M,mem-path=" + raw.memory(),
            "-machine",
            "memory-backend=hull-memory",
            "-incoming",
            "defer",
            "-qmp",
            "unix:" + folder.resolve("raw-monitor.sock"));
    assertThat(raw.memory()).isNotEqualTo(Path.of("/dev/shm/hull/hull-1"));
  }

  @Test
  void itIsShownAsAShellWouldTakeIt() {
    assertThat(QemuCommand.parse(List.of("/bin/qemu", "-object", "{\"a\":1}", "-S")))
        .hasToString("/bin/qemu -object '{\"a\":1}' -S");
  }
}
