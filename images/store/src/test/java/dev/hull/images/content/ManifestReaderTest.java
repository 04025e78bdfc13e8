package dev.hull.images.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hull.images.ImageException;
import dev.hull.images.ImageException.Kind;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Manifests and configs may be a stranger's. */
class ManifestReaderTest {
  private static final String CONFIG = descriptor("application/vnd.oci.image.config.v1+json", "10");
  private static final String LAYER =
      descriptor("application/vnd.oci.image.layer.v1.tar+gzip", "20");

  private static String descriptor(String type, String size) {
    return "{'mediaType':'%s','digest':'sha256:%s','size':%s}"
        .formatted(type, "a".repeat(64), size);
  }

  private static Manifest read(String json, String type) {
    return ManifestReader.read(
        new Document(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8), type));
  }

  private static void refused(String json, String reason) {
    assertThatThrownBy(() -> read(json, ""))
        .isInstanceOfSatisfying(
            ImageException.class, e -> assertThat(e.kind()).isEqualTo(Kind.INVALID))
        .hasMessageContaining(reason);
  }

  @Test
  void whatSaysNoTypeIsKnownByItsFields() {
    assertThat(read("{'config':" + CONFIG + ",'layers':[" + LAYER + "]}", ""))
        .isInstanceOf(Manifest.Single.class);
    assertThat(read("{'manifests':[]}", "application/json")).isInstanceOf(Manifest.Index.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "[] | manifest is not a JSON object",
        "{ | manifest is not JSON",
        "{} {} | manifest is not JSON",
        "{a:1} | manifest is not JSON",
        "{} | manifest.config is missing",
        "{'config':[]} | manifest.config is not an object",
        "{'config':{}} | manifest.config.digest is missing",
        "{'config':{'digest':'md5:1'}} | manifest.config.digest is not a digest",
        "{'manifests':{}} | manifest.manifests is not a list",
        "{'manifests':[1]} | manifest.manifests[0] is not an object",
        "{'manifests':[],'layers':[]} | an image and an index at once",
        "{'mediaType':5} | manifest.mediaType is not a string",
        "{'mediaType':'application/vnd.oci.image.index.v1+json'} | is not what it says",
        "{'mediaType':'application/vnd.oci.image.manifest.v1+json','manifests':[]}"
            + " | is not what it says",
        "{'mediaType':'text/html'} | of a kind unknown here: text/html",
        "{'schemaVersion':1,'fsLayers':[]} | schema 1",
        "{'mediaType':'application/vnd.docker.distribution.manifest.v1+prettyjws'} | schema 1",
      })
  void whatBreaksTheRulesIsRefusedByItsField(String json, String reason) {
    refused(json, reason);
  }

  @ParameterizedTest
  @CsvSource({
    "-1, is negative",
    "1.5, is not a whole number",
    "1e99, is not a whole number",
    "99999999999999999999, is not a whole number",
    "'\"7\"', is not a number",
    "null, is not a number",
    "5000000, at most 4194304 are read",
  })
  void aSizeIsANumberWithinBounds(String size, String reason) {
    refused(
        "{'config':"
            + descriptor("application/vnd.oci.image.config.v1+json", size)
            + ",'layers':["
            + LAYER
            + "]}",
        reason);
  }

  @Test
  void layersAreNeitherNoneNorTooMany() {
    refused("{'config':" + CONFIG + ",'layers':[]}", "it has 0 layers");
    String many = String.join(",", java.util.Collections.nCopies(128, LAYER));
    refused("{'config':" + CONFIG + ",'layers':[" + many + "]}", "it has 128 layers");
  }

  @Test
  void anArtifactThatIsNoImageIsRefused() {
    refused(
        "{'config':" + descriptor("application/vnd.cncf.helm.config.v1+json", "1") + "}",
        "it is not a container image but application/vnd.cncf.helm.config.v1+json");
    refused(
        "{'config':" + CONFIG + ",'layers':[" + descriptor("application/x-zip", "1") + "]}",
        "of a kind unknown here: application/x-zip");
  }

  @Test
  void nestingWithoutEndIsRefused() {
    refused("{'a':" + "[".repeat(100_000), "manifest is not JSON");
    refused("{'a':" + "[".repeat(1000) + "]".repeat(1000) + "}", "manifest is not JSON");
  }

  @Test
  void bytesThatAreNoTextAreRefused() {
    byte[] bytes = {'{', (byte) 0xff, '}'};
    assertThatThrownBy(() -> ManifestReader.read(new Document(bytes, "")))
        .hasMessageContaining("manifest is not UTF-8");
  }

  @Test
  void aPlainProcessorGetsAPlainImage() {
    List<String> variants = List.of("v3", "", "v1");
    String entries =
        String.join(
            ",",
            variants.stream()
                .map(
                    variant ->
                        LAYER
                                .replace("layer.v1.tar+gzip", "manifest.v1+json")
                                .replace("'size':20", "'size':" + (20 + variants.indexOf(variant)))
                                .replaceAll("}$", "")
                            + ",'platform':{'os':'linux','architecture':'amd64','variant':'"
                            + variant
                            + "'}}")
                .toList());
    Manifest.Index index = (Manifest.Index) read("{'manifests':[" + entries + "]}", "");
    assertThat(ManifestReader.choose(index, Platform.LINUX_AMD64).size()).isEqualTo(21);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "{} | config.os is missing",
        "{'os':'linux'} | config.architecture is missing",
        "{'os':'linux','architecture':'amd64'} | config.rootfs.type is not 'layers'",
        "{'os':'linux','architecture':'amd64','rootfs':{'type':'layers','diff_ids':['x']}}"
            + " | config.rootfs.diff_ids[0] is not a digest",
        "{'os':'linux','architecture':'amd64','rootfs':{'type':'layers'},'config':{'Env':[1]}}"
            + " | config.config.Env[0] is not a string",
        "{'os':'linux','architecture':'amd64','rootfs':{'type':'layers'},'config':{'Labels':[]}}"
            + " | config.config.Labels is not an object",
      })
  void aConfigIsReadStrictly(String json, String reason) {
    assertThatThrownBy(
            () -> ImageConfig.read(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(ImageException.class)
        .hasMessageContaining(reason);
  }

  @Test
  void aConfigNeedNotSayHowToRunIt() {
    ImageConfig config =
        ImageConfig.read(
            """
            {"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":null},
             "config":{"Env":null,"Cmd":null,"Labels":null,"Volumes":null}}
            """
                .getBytes(StandardCharsets.UTF_8));
    assertThat(config.run().env()).isEmpty();
    assertThat(config.run().stopSignal()).isEmpty();
  }
}
