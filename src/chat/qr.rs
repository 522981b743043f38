//! Links as pictures, for the camera of another phone: nobody can scan their own screen, so a picture never stands
//! in for a button (messaging §8).

use fast_qr::convert::svg::SvgBuilder;
use fast_qr::{ECL, Mode, QRBuilder, QRCode};

/// Light modules around the code; cameras need them.
const QUIET: usize = 4;
/// Pixels. More only costs time on the way.
const WIDTH_MAX: usize = 1_000;
/// Least pixels of a module that survive a chat's scaling.
const MODULE_MIN: usize = 8;

/// A PNG.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    pub bytes: Vec<u8>,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
}

/// The QR code of a text, black on white with one bit a pixel, at most 1,000 pixels wide. `None` when the text is
/// too long to be read from that: beyond 1,273 bytes.
#[must_use]
pub fn png(text: &str) -> Option<Picture> {
    let code = matrix(text)?;
    let scale = WIDTH_MAX / side(&code);
    let width = side(&code) * scale;
    let mut rows = Vec::with_capacity(width * width.div_ceil(8));
    for y in 0..side(&code) {
        let pixels: Vec<bool> = (0..width).map(|x| is_light(&code, x / scale, y)).collect();
        let row: Vec<u8> = pixels.chunks(8).map(packed).collect();
        (0..scale).for_each(|_| rows.extend_from_slice(&row));
    }
    let width = u32::try_from(width).ok()?;
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, width);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    let mut writer = encoder.write_header().ok()?;
    writer.write_image_data(&rows).ok()?;
    writer.finish().ok()?;
    Some(Picture { bytes, width, height: width })
}

/// The same as an SVG whose view box counts modules, so that it fills whatever it is put into. `None` as for
/// [`png()`].
#[must_use]
pub fn svg(text: &str) -> Option<String> {
    Some(SvgBuilder::default().to_str(&matrix(text)?))
}

/// Corrects 15 % of it, or 7 % when the text is long.
fn matrix(text: &str) -> Option<QRCode> {
    let of = |level| QRBuilder::new(text).mode(Mode::Byte).ecl(level).build().ok();
    [ECL::M, ECL::L].into_iter().filter_map(of).find(|code| side(code) * MODULE_MIN <= WIDTH_MAX)
}

/// Modules of a side, the quiet ones too.
const fn side(code: &QRCode) -> usize {
    code.size + 2 * QUIET
}

/// Whether the module is light; those outside the code are.
fn is_light(code: &QRCode, x: usize, y: usize) -> bool {
    let (x, y) = (x.wrapping_sub(QUIET), y.wrapping_sub(QUIET));
    x >= code.size || y >= code.size || !code[y][x].value()
}

/// Up to eight pixels in a byte, the leftmost in its highest bit.
fn packed(pixels: &[bool]) -> u8 {
    pixels.iter().zip((0..8).rev()).fold(0, |byte, (light, bit)| byte | u8::from(*light) << bit)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The second has the longest memo a link may have, a third of it written with three bytes.
    fn links() -> Vec<String> {
        let vault = "MIXiSgJE1Q7PJ9jfXoniyHHVkq6HhaZwQ4rC91mN1XdkGEN9JMt849BXdionuvMBiezeZbSxrq7Cu";
        let ids = "asset=b91e18ff-a9ae-3dc7-8679-e935d9a4b34b&amount=101.23456789";
        let trace = "trace=5b0f3c1a-7a52-4d0c-9a51-0d3f4f7f1a01";
        vec![
            format!("https://mixin.one/pay/{vault}?{ids}&memo=trade%2042&{trace}"),
            format!("https://mixin.one/pay/{vault}?{ids}&memo={}&{trace}", "ab%20".repeat(66)),
            "https://mixpay.me/code/1c4f5e0e-8f3f-4b4e-9d7c-4d2f8b5f6a7b".into(),
            "7000101277".into(),
            "A".into(),
        ]
    }

    /// Reads a code off an image; `dark` tells by column and row.
    fn read(side: usize, dark: impl Fn(usize, usize) -> bool) -> String {
        let mut image =
            rqrr::PreparedImage::prepare_from_greyscale(side, side, |x, y| if dark(x, y) { 0 } else { 255 });
        let grids = image.detect_grids();
        assert_eq!(grids.len(), 1);
        grids[0].decode().unwrap().1
    }

    fn read_png(bytes: &[u8]) -> (String, u32) {
        let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let shape = reader.next_frame(&mut pixels).unwrap();
        assert_eq!((shape.color_type, shape.bit_depth), (png::ColorType::Grayscale, png::BitDepth::One));
        assert_eq!(shape.width, shape.height);
        let dark = |x: usize, y: usize| pixels[y * shape.line_size + x / 8] >> (7 - x % 8) & 1 == 0;
        (read(shape.width as usize, dark), shape.width)
    }

    #[test]
    fn pictures_are_read_back() {
        for link in links() {
            let picture = png(&link).unwrap();
            assert_eq!(read_png(&picture.bytes), (link.clone(), picture.width));
            assert_eq!(picture.width, picture.height);
            assert!((800..=1_000).contains(&picture.width), "{}", picture.width);
            assert!(picture.bytes.len() < 30_000, "{} bytes", picture.bytes.len());
        }
    }

    #[test]
    fn drawings_are_read_back() {
        for link in links() {
            let drawing = svg(&link).unwrap();
            let side: usize = between(&drawing, "viewBox=\"0 0 ", " ").parse().unwrap();
            assert!(!drawing.contains(" width=\"1"), "{drawing}");
            // Every module is a square of its own: "M4,4h1v1h-1".
            let path = between(&drawing, "<path d=\"M", "\"");
            let modules: std::collections::BTreeSet<(usize, usize)> = path
                .split('M')
                .map(|square| {
                    let (x, y) = square.strip_suffix("h1v1h-1").unwrap().split_once(',').unwrap();
                    (x.parse().unwrap(), y.parse().unwrap())
                })
                .collect();
            assert!(
                modules.iter().all(|(x, y)| (QUIET..side - QUIET).contains(x) && (QUIET..side - QUIET).contains(y))
            );
            assert_eq!(read(side * 4, |x, y| modules.contains(&(x / 4, y / 4))), link);
        }
    }

    fn between<'t>(text: &'t str, before: &str, after: &str) -> &'t str {
        text.split_once(before).unwrap().1.split_once(after).unwrap().0
    }

    #[test]
    fn what_is_too_long_is_not_drawn() {
        // A long text is corrected less before it is given up.
        for (length, level) in [(0, ECL::M), (997, ECL::M), (998, ECL::L), (1_273, ECL::L)] {
            let code = matrix(&"x".repeat(length)).unwrap();
            assert!(code.ecl.is_some_and(|found| found as usize == level as usize), "{length}: {code:?}");
            assert!(side(&code) * MODULE_MIN <= WIDTH_MAX, "{length}: {code:?}");
        }
        for length in [1_274, 3_000, 100_000] {
            assert_eq!((png(&"x".repeat(length)), svg(&"x".repeat(length))), (None, None));
        }
    }
}
