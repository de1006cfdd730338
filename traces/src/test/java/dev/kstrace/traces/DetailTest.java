package dev.kstrace.traces;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A producer may put anything into {@code detail}. */
class DetailTest {
  @Test
  void readsTextsNumbersAndFlags() {
    Detail detail =
        Detail.parse("{\"name\":\"capture\",\"flags\":-7,\"slab\":true,\"has_dispatch\":false}");
    assertThat(detail.text("name")).isEqualTo("capture");
    assertThat(detail.number("flags")).isEqualTo(-7);
    assertThat(detail.flag("slab")).isTrue();
    assertThat(detail.flag("has_dispatch")).isFalse();
  }

  @Test
  void hasNoValueOfAnotherType() {
    Detail detail = Detail.parse("{\"a\":\"1\",\"b\":1,\"c\":true}");
    assertThat(detail.number("a")).isNull();
    assertThat(detail.flag("a")).isNull();
    assertThat(detail.text("b")).isNull();
    assertThat(detail.flag("b")).isNull();
    assertThat(detail.text("c")).isNull();
    assertThat(detail.number("c")).isNull();
    assertThat(detail.text("absent")).isNull();
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(
      strings = {
        "",
        " ",
        "null",
        "[]",
        "1",
        "\"a\"",
        "{",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":1",
        "{\"a\":1,",
        "{\"a\":1,}",
        "{a:1}",
        "{\"a\":1 \"b\":2}",
        "{\"a\":01}",
        "{\"a\":\"\n\"}",
        "\u0000",
        "}"
      })
  void readsAnythingElseAsEmpty(String json) {
    assertThat(Detail.parse(json).toJson()).isEqualTo("{}");
  }

  @Test
  void skipsNullsFractionsHugeNumbersAndWhatIsNoObjectInAnArray() {
    Detail detail =
        Detail.parse(
            "{\"o\":{\"z\":1,\"p\":[2]},\"l\":[[0],{\"z\":2},\"x\"],\"n\":null,\"f\":1.5,\"e\":1e3,"
                + "\"h\":9223372036854775808,\"m\":-9223372036854775808,\"z\":3}");
    assertThat(detail.toJson())
        .isEqualTo(
            "{\"o\":{\"z\":1,\"p\":[]},\"l\":[{\"z\":2}],\"m\":-9223372036854775808,\"z\":3}");
    assertThat(detail.object("o")).isNotNull();
    assertThat(detail.objects("l")).hasSize(1);
    assertThat(detail.object("l")).isNull();
    assertThat(detail.objects("o")).isNull();
  }

  @Test
  void survivesDeepNestingAndEndlessNumbers() {
    for (String open : new String[] {"[", "{\"a\":"}) {
      String deep = open.repeat(10_000);
      assertThat(Detail.parse("{\"b\":1,\"a\":" + deep).toJson()).isEqualTo("{}");
      String close = open.equals("[") ? "]" : "}";
      Detail closed = Detail.parse("{\"a\":" + deep + "1" + close.repeat(10_000) + "}");
      assertThat(closed.toJson()).isEqualTo("{}");
    }
    assertThat(Detail.parse("{\"a\":" + "9".repeat(100_000) + "}").toJson()).isEqualTo("{}");
  }

  @Test
  void takesTheLastOfTwoEqualKeys() {
    assertThat(Detail.parse("{\"a\":1,\"b\":true,\"a\":\"x\"}").toJson())
        .isEqualTo("{\"a\":\"x\",\"b\":true}");
  }

  @Test
  void writesKeysInTheOrderInWhichTheyWerePut() {
    Detail detail =
        Detail.builder().put("z", "a\"\\\n\u0001é").put("a", Long.MIN_VALUE).put("m", true).build();
    String json = "{\"z\":\"a\\\"\\\\\\n\\u0001é\",\"a\":-9223372036854775808,\"m\":true}";
    assertThat(detail.toJson()).isEqualTo(json);
    assertThat(Detail.parse(json).toJson()).isEqualTo(json);
  }

  @Test
  void staysAsItWasWhenItsBuilderGoesOn() {
    Detail.Builder builder = Detail.builder().put("a", 1);
    Detail detail = builder.build();
    builder.put("b", 2);
    assertThat(detail.toJson()).isEqualTo("{\"a\":1}");
  }
}
