//! Programs that visit: what they do is counted for nobody.

use std::sync::LazyLock;

use isbot::Bots;

/// The patterns that crawlers, monitors, libraries and headless browsers are known by. Compiled when the first visitor
/// comes.
static KNOWN: LazyLock<Bots> = LazyLock::new(Bots::default);
/// What is longer is cut before it is looked at: no browser says that much, and looking takes time by its length.
const LONGEST: usize = 512;

/// Whether a client that says this of itself is a program. One that says nothing is: every browser does.
pub(crate) fn is_bot(user_agent: Option<&str>) -> bool {
    let Some(text) = user_agent.map(str::trim).filter(|text| !text.is_empty()) else { return true };
    let cut = text.char_indices().nth(LONGEST).map_or(text.len(), |(at, _)| at);
    KNOWN.is_bot(text.get(..cut).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_use_browsers_and_programs_say_what_they_are() {
        let people = [
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:145.0) Gecko/20100101 Firefox/145.0",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36",
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
        ];
        for agent in people {
            assert!(!is_bot(Some(agent)), "{agent}");
        }
        let programs = [
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm) Chrome/116.0.1938.76 Safari/537.36",
            "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/142.0.0.0 Safari/537.36",
            "curl/8.5.0",
            "python-requests/2.32.3",
            "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
            "Mozilla/5.0 (compatible; GPTBot/1.2; +https://openai.com/gptbot)",
            "Mozilla/5.0 (compatible; ClaudeBot/1.0; +claudebot@anthropic.com)",
        ];
        for agent in programs {
            assert!(is_bot(Some(agent)), "{agent}");
        }
        assert!(is_bot(None) && is_bot(Some("")) && is_bot(Some("  ")));
        assert!(!is_bot(Some(&format!("Mozilla/5.0 {}", "é".repeat(10_000)))));
    }
}
