package dev.kstrace.capture.imports;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GuidTest {
  @Test
  void followsFromTheNameOfTheProvider() {
    assertThat(Guid.ofProviderName("MySource")).hasToString("a61ea624-4944-55fc-c2a8-37838829438d");
    assertThat(Guid.ofProviderName(KsAllocTraceSchema.PROVIDER))
        .isEqualTo(KsAllocTraceSchema.GUID)
        .hasToString("ce250ee2-6989-5888-fcfa-f2607fd730c7");
  }

  @Test
  void readsItsOwnText() {
    Guid guid = new Guid(0x8877665544332211L, 0x00FFEEDDCCBBAA99L);
    assertThat(guid).hasToString("44332211-6655-8877-99aa-bbccddeeff00");
    assertThat(Guid.parse("{44332211-6655-8877-99AA-BBCCDDEEFF00}")).isEqualTo(guid);
    assertThat(guid.toBytes()).startsWith(0x11, 0x22, 0x33).endsWith(0xEE, 0xFF, 0x00);
    assertThat(Guid.parse("44332211-6655-8877-99aa")).isNull();
  }
}
