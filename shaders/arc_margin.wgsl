// shared piece
