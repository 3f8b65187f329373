package plaudit.data;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BookTextTest {

  @Test
  void aMarkdownBookBecomesItsParagraphs() {
    String book =
        """
        # Title: A Tale

        ## Author: Somebody

        -------

        ## CHAPTER I - THE START

        “It’s _very_ late,” she said—and **left**…

        * * *

        He   waited.

        > Dear Sir,

        ### The End
        """;

    assertThat(BookText.clean(book))
        .isEqualTo("\"It's very late,\" she said--and left...\nHe waited.\nDear Sir,\n");
  }

  @Test
  void aLibrarysFileLosesItsNoticesItsContentsAndItsLineBreaks() {
    String book =
        """
        The Project Gutenberg eBook of A Tale, by Somebody

        *** START OF THE PROJECT GUTENBERG EBOOK A TALE ***

        CONTENTS

        I. How it began            1
        II. How it went on        20
        III. How it ended         40

        CHAPTER I.

        It was a bright cold day in April, and the clocks were
        striking thirteen, as _they
        always_ did.

        XIV

        [Illustration: A clock]

        Twinkle, twinkle,
        little star,
        How I wonder

        *** END OF THE PROJECT GUTENBERG EBOOK A TALE ***

        Licence and all that.
        """;

    assertThat(BookText.clean(book))
        .isEqualTo(
            """
            It was a bright cold day in April, and the clocks were striking thirteen, as they always did.
            Twinkle, twinkle,
            little star,
            How I wonder
            """);
  }

  @Test
  void whatLooksLikeFurnitureInASentenceStays() {
    String prose =
        """
        I read the book. Part of it was good_enough, 2 * 3 * 4 and snake_case_names.

        Chapter and verse he knew by heart.

        I. was his initial.
        """;

    assertThat(BookText.clean(prose))
        .isEqualTo(
            """
            I read the book. Part of it was good_enough, 2 * 3 * 4 and snake_case_names.
            Chapter and verse he knew by heart.
            I. was his initial.
            """);
  }

  @Test
  void nothingYieldsNothing() {
    assertThat(BookText.clean("")).isEmpty();
    assertThat(BookText.clean("# Title\n\n---\n")).isEmpty();
  }
}
