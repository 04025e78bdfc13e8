package dev.hull.cri.bridge.daemon;

import static dev.hull.cri.bridge.daemon.SandboxTest.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hull.cri.v1.AuthConfig;
import dev.hull.cri.v1.CgroupDriver;
import dev.hull.cri.v1.ImageFilter;
import dev.hull.cri.v1.ImageFsInfoRequest;
import dev.hull.cri.v1.ImageSpec;
import dev.hull.cri.v1.ImageStatusRequest;
import dev.hull.cri.v1.ImageStatusResponse;
import dev.hull.cri.v1.ListImagesRequest;
import dev.hull.cri.v1.PodSandboxConfig;
import dev.hull.cri.v1.PullImageRequest;
import dev.hull.cri.v1.PullImageResponse;
import dev.hull.cri.v1.RemoveImageRequest;
import dev.hull.cri.v1.RuntimeCondition;
import dev.hull.cri.v1.RuntimeConfigRequest;
import dev.hull.cri.v1.StatusRequest;
import dev.hull.cri.v1.StreamImagesRequest;
import dev.hull.images.Image;
import dev.hull.images.Images.Credentials;
import io.grpc.Status;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ImageTest {
  @TempDir Path folder;
  private TestDaemon daemon;

  @BeforeEach
  void start() throws Exception {
    daemon = new TestDaemon(folder);
  }

  @AfterEach
  void stop() {
    daemon.close();
  }

  @Test
  void anImageThatDoesNotExistIsNamed() {
    refused(
        () -> pull("nginx:none", AuthConfig.getDefaultInstance()),
        Status.Code.NOT_FOUND,
        "cannot pull nginx:none: there is no such image");
    refused(
        () -> pull("", AuthConfig.getDefaultInstance()),
        Status.Code.INVALID_ARGUMENT,
        "image.image must not be empty");
  }

  @Test
  void whatIsNotHereHasAnEmptyStatusAndCanBeRemoved() {
    assertThat(status("debian:12").hasImage()).isFalse();
    remove("debian:12");
  }

  @Test
  void everyCallNamesAnImageByTheSameId() {
    String id = pull("debian:12", AuthConfig.getDefaultInstance());
    assertThat(status("debian:12").getImage().getId()).isEqualTo(id);
    assertThat(status(id).getImage().getRepoTagsList())
        .containsExactly("docker.io/library/debian:12");
    assertThat(status(id).getImage().getSize()).isEqualTo(4096);
    assertThat(status(id).getInfoOrThrow("hull")).contains("\"cmd\":[\"sleep\"]");
    assertThat(
            daemon
                .imageService()
                .listImages(ListImagesRequest.getDefaultInstance())
                .getImagesList())
        .extracting(dev.hull.cri.v1.Image::getId)
        .containsExactly(id);
    var streamed =
        daemon.imageService().streamImages(StreamImagesRequest.getDefaultInstance()).next();
    assertThat(streamed.getImages(0).getId()).isEqualTo(id);
    assertThat(
            daemon
                .imageService()
                .listImages(
                    ListImagesRequest.newBuilder()
                        .setFilter(
                            ImageFilter.newBuilder()
                                .setImage(ImageSpec.newBuilder().setImage("nginx")))
                        .build())
                .getImagesList())
        .isEmpty();
    remove("debian:12");
    assertThat(status(id).hasImage()).isFalse();
  }

  @Test
  void anImageInUseIsNotRemoved() {
    daemon.create(daemon.run("web"), "one", "sleep");
    refused(() -> remove("debian:12"), Status.Code.FAILED_PRECONDITION, "it is used");
  }

  @Test
  void theUserIsANumberOrAName() {
    Image.Config config = TestDaemon.CONFIG;
    for (String user : List.of("1000:1000", "www-data:adm")) {
      daemon
          .images()
          .offer(
              "user:1",
              new Image.Config(
                  user,
                  config.env(),
                  config.entrypoint(),
                  config.cmd(),
                  "",
                  Optional.empty(),
                  List.of(),
                  List.of(),
                  Map.of()));
      pull("user:1", AuthConfig.getDefaultInstance());
      var image = status("user:1").getImage();
      assertThat(image.hasUid() ? Long.toString(image.getUid().getValue()) : image.getUsername())
          .isIn("1000", "www-data");
    }
  }

  @Test
  void aPullUnderWayTellsHowFarItIs() throws Exception {
    CountDownLatch held = daemon.images().hold();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<String> pull =
          threads.submit(() -> pull("debian:12", AuthConfig.getDefaultInstance()));
      await()
          .untilAsserted(
              () ->
                  assertThat(status("debian:12").getInfoOrDefault("hull", ""))
                      .isEqualTo("{\"pull\":{\"doneBytes\":1024,\"totalBytes\":4096}}"));
      assertThat(status("debian:12").hasImage()).isFalse();
      assertThat(status("nginx").getInfoMap()).isEmpty();
      held.countDown();
      assertThat(pull.get()).isNotEmpty();
    }
    assertThat(status("debian:12").getInfoOrThrow("hull")).doesNotContain("\"pull\"");
  }

  @Test
  void aLayoutIsLoadedUnderTheNameThatIsGivenOrTheOneInIt() {
    for (String name : List.of("debian:12", "")) {
      assertThat(load(name, "/layouts/debian:12").getImageRef()).isNotEmpty();
      assertThat(status("debian:12").hasImage()).isTrue();
      remove("debian:12");
    }
    refused(
        () -> load("", "layouts/debian:12"),
        Status.Code.INVALID_ARGUMENT,
        "dev.hull.oci-layout must be an absolute path");
  }

  @Test
  void aLayoutThatAPodAsksForIsNotRead() {
    refused(
        () ->
            daemon
                .imageService()
                .pullImage(
                    loading("", "/layouts/debian:12")
                        .setSandboxConfig(PodSandboxConfig.getDefaultInstance())
                        .build()),
        Status.Code.INVALID_ARGUMENT,
        "image.image must not be empty");
  }

  private PullImageResponse load(String name, String layout) {
    return daemon.imageService().pullImage(loading(name, layout).build());
  }

  private static PullImageRequest.Builder loading(String name, String layout) {
    return PullImageRequest.newBuilder()
        .setImage(
            ImageSpec.newBuilder().setImage(name).putAnnotations("dev.hull.oci-layout", layout));
  }

  @Test
  void credentialsGoOnlyToTheirRegistry() {
    String auth = Base64.getEncoder().encodeToString("me:secret".getBytes(StandardCharsets.UTF_8));
    pull("debian:12", AuthConfig.newBuilder().setAuth(auth).build());
    assertThat(daemon.images().lastCredentials())
        .isEqualTo(new Credentials("me", "secret", "", ""));
    pull(
        "debian:12",
        AuthConfig.newBuilder().setAuth(auth).setServerAddress("https://ghcr.io/v2/").build());
    assertThat(daemon.images().lastCredentials()).isEqualTo(Credentials.NONE);
    pull(
        "debian:12",
        AuthConfig.newBuilder()
            .setUsername("me")
            .setPassword("secret")
            .setServerAddress("https://index.docker.io/v1/")
            .build());
    assertThat(daemon.images().lastCredentials().username()).isEqualTo("me");
    refused(
        () -> pull("debian:12", AuthConfig.newBuilder().setAuth("%").build()),
        Status.Code.INVALID_ARGUMENT,
        "auth.auth must be the base64 of user:password");
  }

  @Test
  void theStoresFileSystemIsTold() {
    var usage =
        daemon
            .imageService()
            .imageFsInfo(ImageFsInfoRequest.getDefaultInstance())
            .getImageFilesystems(0);
    assertThat(usage.getFsId().getMountpoint()).isEqualTo("/store");
    assertThat(usage.getUsedBytes().getValue()).isEqualTo(4096);
    assertThat(usage.getInodesUsed().getValue()).isEqualTo(7);
    assertThat(usage.getTimestamp()).isPositive();
  }

  @Test
  void theRuntimeTellsWhetherItIsReadyAndHowItIsSet() {
    var status = daemon.runtime().status(StatusRequest.newBuilder().setVerbose(true).build());
    assertThat(status.getStatus().getConditionsList())
        .extracting(RuntimeCondition::getType)
        .containsExactly("RuntimeReady", "NetworkReady");
    assertThat(status.getStatus().getConditions(0).getStatus()).isTrue();
    assertThat(status.getStatus().getConditions(1).getStatus()).isFalse();
    assertThat(status.getStatus().getConditions(1).getMessage()).contains("CNI plugin bridge");
    assertThat(status.getInfoOrThrow("hull")).contains("\"machine.memory-mib\":\"512\"");
    assertThat(
            daemon
                .runtime()
                .runtimeConfig(RuntimeConfigRequest.getDefaultInstance())
                .getLinux()
                .getCgroupDriver())
        .isIn(CgroupDriver.CGROUPFS, CgroupDriver.SYSTEMD);
  }

  private String pull(String image, AuthConfig auth) {
    return daemon
        .imageService()
        .pullImage(
            PullImageRequest.newBuilder()
                .setImage(ImageSpec.newBuilder().setImage(image))
                .setAuth(auth)
                .build())
        .getImageRef();
  }

  private ImageStatusResponse status(String image) {
    return daemon
        .imageService()
        .imageStatus(
            ImageStatusRequest.newBuilder()
                .setImage(ImageSpec.newBuilder().setImage(image))
                .setVerbose(true)
                .build());
  }

  private void remove(String image) {
    var _ =
        daemon
            .imageService()
            .removeImage(
                RemoveImageRequest.newBuilder()
                    .setImage(ImageSpec.newBuilder().setImage(image))
                    .build());
  }
}
