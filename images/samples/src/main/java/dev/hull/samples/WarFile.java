package dev.hull.samples;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** A web application of one servlet, compiled against the servlet API of Debian's Tomcat. */
final class WarFile {
  /** Where the API is. */
  static final String API_PACKAGE = "libtomcat10-java";

  /** That of the JRE in the image of Tomcat. */
  private static final String RELEASE = "17";

  private static final String SERVLET = "HelloServlet";

  private WarFile() {}

  /**
   * Makes it.
   *
   * @param api the package's files
   * @param work for its own files
   */
  static void write(Path war, Path api, Path work, long epoch) throws IOException {
    Path source = Files.createDirectories(work).resolve(SERVLET + ".java");
    try (InputStream stream = WarFile.class.getResourceAsStream(SERVLET + ".java.txt")) {
      if (stream == null) {
        throw new IllegalStateException("the jar lacks " + SERVLET);
      }
      Files.write(source, stream.readAllBytes());
    }
    compile(source, jar(api), work);
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(war))) {
      add(
          zip,
          "index.html",
          "<p>A page of the sample</p>\n".getBytes(StandardCharsets.UTF_8),
          epoch);
      add(
          zip,
          "WEB-INF/classes/" + SERVLET + ".class",
          Files.readAllBytes(work.resolve(SERVLET + ".class")),
          epoch);
    }
  }

  private static Path jar(Path api) throws IOException {
    try (Stream<Path> files = Files.walk(api)) {
      return files
          .filter(Files::isRegularFile)
          .filter(path -> path.getFileName().toString().matches("tomcat10-servlet-api.*\\.jar"))
          .findFirst()
          .orElseThrow(
              () -> new SampleException("the package " + API_PACKAGE + " has no servlet API"));
    }
  }

  private static void compile(Path source, Path api, Path to) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    if (compiler == null) {
      throw new SampleException("this is a JRE; start with a JDK, which has a compiler");
    }
    StringWriter said = new StringWriter();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      boolean done =
          compiler
              .getTask(
                  said,
                  files,
                  null,
                  List.of("--release", RELEASE, "-cp", api.toString(), "-d", to.toString()),
                  null,
                  files.getJavaFileObjects(source))
              .call();
      if (!done) {
        throw new SampleException("the servlet does not compile: " + said);
      }
    }
  }

  private static void add(ZipOutputStream zip, String name, byte[] bytes, long epoch)
      throws IOException {
    ZipEntry entry = new ZipEntry(name);
    entry.setLastModifiedTime(FileTime.from(epoch, TimeUnit.SECONDS));
    zip.putNextEntry(entry);
    zip.write(bytes);
    zip.closeEntry();
  }
}
