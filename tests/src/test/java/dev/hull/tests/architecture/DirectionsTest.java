package dev.hull.tests.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/**
 * The directions that the design allows between folders, and the packages that keep a library to
 * themselves.
 */
final class DirectionsTest {
  private static final String AGENT = "dev.hull.agent..";
  private static final String GUEST_PROTOCOL = "dev.hull.guest..";
  private static final String VM = "dev.hull.vm..";
  private static final String IMAGES = "dev.hull.images..";
  private static final String GUEST_IMAGE = "dev.hull.guestimage..";
  private static final String SAMPLES = "dev.hull.samples..";
  private static final String CRI_STUBS = "dev.hull.cri.v1..";
  private static final String CRI_HOST = "dev.hull.cri.host..";
  private static final String CRI_KUBERNETES = "dev.hull.cri.kubernetes..";
  private static final String CLI = "dev.hull.cli..";
  private static final String[] BRIDGE = {"dev.hull.cri.bridge..", "dev.hull.cri.doctor.."};

  private static final JavaClasses HULL =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.hull");

  @Test
  void theAgentKnowsOnlyTheGuestProtocol() {
    noClasses()
        .that()
        .resideInAPackage(AGENT)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(VM, IMAGES, GUEST_IMAGE, SAMPLES, "dev.hull.cri..", CLI)
        .check(HULL);
  }

  @Test
  void machinesKnowNeitherImagesNorTheBridge() {
    noClasses()
        .that()
        .resideInAPackage(VM)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(AGENT, IMAGES, GUEST_IMAGE, SAMPLES, "dev.hull.cri..", CLI)
        .check(HULL);
  }

  @Test
  void imagesKnowNobody() {
    noClasses()
        .that()
        .resideInAPackage(IMAGES)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(AGENT, GUEST_PROTOCOL, VM, GUEST_IMAGE, SAMPLES, "dev.hull.cri..", CLI)
        .check(HULL);
  }

  @Test
  void theCommandSpeaksOnlyCri() {
    noClasses()
        .that()
        .resideInAPackage(CLI)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(AGENT, GUEST_PROTOCOL, VM, IMAGES, GUEST_IMAGE, SAMPLES)
        .orShould()
        .dependOnClassesThat()
        .resideInAnyPackage(BRIDGE)
        .check(HULL);
  }

  @Test
  void theBridgeKnowsNeitherTheCommandNorTheGuest() {
    noClasses()
        .that()
        .resideInAnyPackage(BRIDGE)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(AGENT, GUEST_PROTOCOL, GUEST_IMAGE, SAMPLES, CLI)
        .check(HULL);
  }

  @Test
  void libvirtIsUsedInOnePackage() {
    classes()
        .that()
        .resideOutsideOfPackage("dev.hull.vm.libvirt..")
        .should()
        .onlyDependOnClassesThat()
        .resideOutsideOfPackages("org.libvirt..")
        .check(HULL);
  }

  @Test
  void nativeCodeIsCalledThroughJnaInFourPackages() {
    classes()
        .that()
        .resideOutsideOfPackages(
            "dev.hull.vm.libvirt..",
            "dev.hull.vm.share..",
            "dev.hull.vm.disk..",
            "dev.hull.cri.bridge.seccomp..")
        .should()
        .onlyDependOnClassesThat()
        .resideOutsideOfPackages("com.sun.jna..")
        .check(HULL);
  }

  @Test
  void theGuestProtocolIsSpokenInOnePackageOfTheHost() {
    noClasses()
        .that()
        .resideInAPackage(VM)
        .and()
        .resideOutsideOfPackage("dev.hull.vm.guest..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.hull.guest.v1..")
        .check(HULL);
  }

  @Test
  void theCodecsOfStreamsAreUsedInOnePackageOfTheBridge() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.hull.cri.bridge.streaming..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.netty.handler.codec..")
        .check(HULL);
  }

  @Test
  void onlyTestsAreClientsOfTheStreamingServer() {
    noClasses()
        .that()
        .resideOutsideOfPackages("dev.hull.cri.bridge.streaming.client..", "dev.hull.tests..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.hull.cri.bridge.streaming.client..")
        .check(HULL);
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching("dev.hull.(*).(*)..").should().beFreeOfCycles().check(HULL);
  }

  @Test
  void criStubsAndTheHostInterfaceDependOnNothingOfOurs() {
    noClasses()
        .that()
        .resideInAnyPackage(CRI_STUBS, CRI_HOST, CRI_KUBERNETES)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(AGENT, GUEST_PROTOCOL, VM, IMAGES, GUEST_IMAGE, SAMPLES, CLI)
        .check(HULL);
  }
}
